import type { BackupSchedule } from '../rules/backups.ts'
import type { Db } from './db.ts'

/**
 * A machine that copies of backups go to, by SFTP. `hostKey` is its public key, as the operator has seen it; `thin`:
 * whether copies that need no longer be kept are taken away there, which that machine must let us do.
 */
export type Destination = { host: string; port: number; user: string; folder: string; hostKey: string; thin?: boolean }

/** The schedule as it is kept. The passphrase is sealed. */
export type StoredBackupSchedule = BackupSchedule & {
  passphrase: Buffer
  destination: Destination | null
  nextAt: Date | null
  failures: number
  changedAt: Date
}

type Row = {
  frequency: BackupSchedule['frequency']
  hour: number
  keep_daily: number
  keep_weekly: number
  keep_monthly: number
  passphrase: Buffer
  destination: Destination | null
  next_at: Date | null
  failures: number
  changed_at: Date
}

const fromRow = (row: Row): StoredBackupSchedule => ({
  frequency: row.frequency,
  hour: row.hour,
  keep: { daily: row.keep_daily, weekly: row.keep_weekly, monthly: row.keep_monthly },
  passphrase: row.passphrase,
  destination: row.destination,
  nextAt: row.next_at,
  failures: row.failures,
  changedAt: row.changed_at,
})

/** When backups are taken; undefined until somebody decides. */
export async function findBackupSchedule(db: Db): Promise<StoredBackupSchedule | undefined> {
  const row = await db<Row>('backup_schedule').first()
  return row && fromRow(row)
}

/** Puts a schedule in the place of what it was, with the first time that it comes to. */
export async function putBackupSchedule(db: Db, schedule: Omit<StoredBackupSchedule, 'failures'> & { changedBy: string }): Promise<void> {
  await db('backup_schedule')
    .insert({
      singleton: true,
      frequency: schedule.frequency,
      hour: schedule.hour,
      keep_daily: schedule.keep.daily,
      keep_weekly: schedule.keep.weekly,
      keep_monthly: schedule.keep.monthly,
      passphrase: schedule.passphrase,
      destination: schedule.destination && JSON.stringify(schedule.destination),
      next_at: schedule.nextAt,
      failures: 0,
      changed_at: schedule.changedAt,
      changed_by: schedule.changedBy,
    })
    .onConflict('singleton')
    .merge()
}

/**
 * Takes the backup that is due, so that whoever else looks sees it planned for `until`: it is then taken again if this server did not live to
 * plan anything better. Undefined when none is due.
 */
export async function claimDueBackup(db: Db, now: Date, until: Date): Promise<StoredBackupSchedule | undefined> {
  const [row] = await db<Row>('backup_schedule')
    .where('next_at', '<=', now)
    .whereNot('frequency', 'off')
    .update({ next_at: until })
    .returning('*')
  return row && fromRow(row)
}

/** Plans the next one, unless somebody changed the schedule meanwhile. */
export async function planBackup(db: Db, claimed: StoredBackupSchedule, plan: { nextAt: Date | null; failures: number }): Promise<void> {
  await db('backup_schedule')
    .where({ changed_at: claimed.changedAt, next_at: claimed.nextAt })
    .update({ next_at: plan.nextAt, failures: plan.failures })
}
