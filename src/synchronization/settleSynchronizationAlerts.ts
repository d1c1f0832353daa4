import type { LocalAccount } from '../rules/accounts.ts'
import { type SynchronizationAlert, synchronizationAlertKinds, synchronizationAlerts } from '../rules/synchronizationAlerts.ts'
import { clearAlert, listOpenAlerts, raiseAlert } from '../storage/alerts.ts'
import type { Db } from '../storage/db.ts'
import { writeMail } from '../storage/mails.ts'

/**
 * Raises and clears what the clocks say of these accounts ("An alert is raised and cleared by a rule; it mails …"). A mail is written once for
 * each rung since the last synchronization, also where nobody looked for days: then the rung that holds now.
 */
export async function settleSynchronizationAlerts(tx: Db, accounts: LocalAccount[], now: Date): Promise<void> {
  const open = await listOpenAlerts(tx, [...synchronizationAlertKinds])
  for (const account of accounts) {
    const wanted = synchronizationAlerts(account, now)
    for (const alert of wanted) await raise(tx, account, alert, now)
    const stale = open.filter(each => each.localAccountId === account.id && !wanted.some(({ kind }) => kind === each.kind))
    for (const alert of stale) await clearAlert(tx, alert, now)
  }
}

async function raise(tx: Db, account: LocalAccount, { mail, ...alert }: SynchronizationAlert, at: Date): Promise<void> {
  await raiseAlert(tx, { localAccountId: account.id, subject: 'cloud', source: 'Synchronization', ...alert, at })
  if (!mail) return
  const cause = `${account.uuid} ${account.lastSynchronizedAt!.toISOString()} ${alert.kind} ${mail.rung}`
  await writeMail(tx, { localAccountId: account.id, cause, subject: mail.subject, body: `${alert.message}\n\n${alert.action}\n`, at })
}
