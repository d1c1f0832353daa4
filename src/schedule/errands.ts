import { takeDueBackup } from '../administration/backup/takeDueBackup.ts'
import { confirmPeople } from '../administration/directory/confirmPeople.ts'
import { sendDueMails } from '../administration/mail/sendDueMails.ts'
import { tellReceivers } from '../administration/receivers/tellReceivers.ts'
import type { Context } from '../context.ts'
import { carryBatches } from '../licensing/batches/carryBatch.ts'
import { writeDueReports } from '../licensing/reports/writeDueReports.ts'
import { resumeOrphanedExchanges } from '../synchronization/resumeExchanges.ts'
import { synchronizeDueAccounts } from '../synchronization/synchronizeDueAccounts.ts'

/**
 * Something that falls due by itself and takes its time, because it waits for somebody outside: it runs beside the ticks, in no transaction.
 * What it does is claimed row by row, so that several servers may run it at once. It takes up nothing more once `ends` says so.
 */
export type Errand = {
  name: string
  /** Run every few seconds and not only after a tick: what somebody waits for, and looking whether there is any costs one question. */
  prompt?: boolean
  run(context: Context, options: { ends?: AbortSignal }): Promise<unknown>
}

/** What is run every minute, in English. */
export const errands: Errand[] = [
  { name: 'Finish the exchanges with the cloud that nobody carries any more', run: context => resumeOrphanedExchanges(context) },
  { name: 'Synchronize the accounts whose time has come', run: synchronizeDueAccounts },
  { name: 'Carry on what is done to many product instances', run: carryBatches },
  { name: 'Take the backup whose time has come', run: takeDueBackup },
  { name: 'Write the reports whose time has come', run: writeDueReports },
  { name: 'Send the mail that waits', run: sendDueMails },
  { name: 'Tell the receivers what waits for them', prompt: true, run: tellReceivers },
  { name: 'Ask the directory whether what its people signed in with still holds', run: confirmPeople },
]
