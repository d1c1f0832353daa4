import type { Context } from '../../context.ts'
import { isBackupLate, type Keep, keptBackups } from '../../rules/backups.ts'
import { hour, later } from '../../rules/clock.ts'
import type { Person } from '../../rules/roles.ts'
import { nextRun, retryAt } from '../../rules/schedules.ts'
import { clearAlert, raiseAlert } from '../../storage/alerts.ts'
import {
  claimDueBackup,
  type Destination,
  findBackupSchedule,
  planBackup,
  type StoredBackupSchedule,
} from '../../storage/backupSchedule.ts'
import { findLatestBackup, listCopies, noteBackup } from '../../storage/backups.ts'
import type { Db } from '../../storage/db.ts'
import { getServerIdentity } from '../../storage/serverIdentity.ts'
import { listBackupFiles } from './backupsFolder.ts'
import { deleteBackup } from './deleteBackup.ts'
import { passphrasePurpose } from './scheduleBackups.ts'
import { deleteCopies, shipBackup } from './shipBackup.ts'
import { takeBackup } from './takeBackup.ts'
import { verifyBackup } from './verifyBackup.ts'

const schedule: Person = { kind: 'user', name: 'the schedule', assignments: [] }
/** A server that dies while it takes one leaves it to the next after this long. */
const claim = hour

const failed = { localAccountId: 0, kind: 'backup', subject: 'failed' }
const late = { localAccountId: 0, kind: 'backup', subject: 'late' }

/**
 * Takes the backup whose time has come, restores it on trial, brings a copy to the other machine, and takes away those that need no longer be
 * kept. What fails raises an alert and is tried again, later and later; the next one that ends well clears it.
 */
export async function takeDueBackup(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  const { storage, clock, log } = context
  const due = await claimDueBackup(storage.db, clock.now(), later(clock.now(), claim))
  if (!due) return
  const { serverUuid } = await getServerIdentity(storage.db)
  try {
    await takeAndKeep(context, due, serverUuid, ends)
    const at = clock.now()
    await planBackup(storage.db, due, { nextAt: nextRun(due, serverUuid, at), failures: 0 })
    for (const alert of [failed, late]) await clearAlert(storage.db, alert, at)
  } catch (error) {
    const [at, failures, message] = [clock.now(), due.failures + 1, (error as Error).message]
    log.error({ failures }, `A backup by schedule failed: ${message}`)
    await planBackup(storage.db, due, { nextAt: retryAt(failures, serverUuid, at), failures })
    const words = { message: `The backup by schedule failed: ${message}`, action: 'Mend the reason; it is tried again by itself.' }
    await raiseAlert(storage.db, { ...failed, ...words, severity: 'major', source: 'backup', at })
  }
}

async function takeAndKeep(context: Context, due: StoredBackupSchedule, serverUuid: string, ends: AbortSignal | undefined): Promise<void> {
  const passphrase = context.secrets.open(due.passphrase, passphrasePurpose).toString()
  const { path, name } = await takeBackup(context, schedule, { passphrase, origin: 'schedule', ...(ends && { ends }) })
  await verifyBackup(context, schedule, { path, passphrase })
  if (due.destination) {
    await shipBackup(context.config, path, due.destination)
    await noteBackup(context.storage.db, name, { shippedAt: context.clock.now() })
  }
  await prune(context, due, serverUuid)
  if (due.destination?.thin) await thinCopies(context, due.keep, due.destination)
}

/** The copies that the schedule made, by the same numbers, and only once a newer one is there. */
async function thinCopies({ config, storage }: Context, keep: Keep, to: Destination): Promise<void> {
  const copies = await listCopies(storage.db)
  const kept = keptBackups(copies, keep)
  const gone = copies.filter(copy => !kept.includes(copy)).map(({ name }) => name)
  await deleteCopies(config, gone, to)
  for (const name of gone) await noteBackup(storage.db, name, { shippedAt: null })
}

/** Only what the schedule of this server made, and only once a newer one has been verified. */
async function prune(context: Context, { keep }: StoredBackupSchedule, serverUuid: string): Promise<void> {
  const { files } = await listBackupFiles(context.config)
  const ours = files
    .filter(({ header }) => header.origin === 'schedule' && header.serverUuid === serverUuid)
    .map(({ name, header: { createdAt } }) => ({ name, createdAt }))
  const kept = keptBackups(ours, keep)
  for (const backup of ours) if (!kept.includes(backup)) await deleteBackup(context, schedule, backup.name)
}

/** Raises "backup … older than its schedule", or clears it. */
export async function watchBackups(tx: Db, now: Date): Promise<void> {
  const scheduled = await findBackupSchedule(tx)
  const newest = await findLatestBackup(tx)
  const since = newest && scheduled && newest.startedAt > scheduled.changedAt ? newest.startedAt : scheduled?.changedAt
  if (!scheduled || !since || !isBackupLate(scheduled, since, now)) return clearAlert(tx, late, now)
  const message = newest
    ? `The newest backup is of ${newest.startedAt.toISOString()}, older than its schedule.`
    : 'There is no backup yet, though one is scheduled.'
  await raiseAlert(tx, { ...late, severity: 'major', source: 'backup', message, action: 'See why it is not taken, or take one.', at: now })
}
