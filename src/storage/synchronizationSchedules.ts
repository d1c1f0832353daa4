import type { SynchronizationSchedule } from '../rules/schedules.ts'
import type { Db } from './db.ts'

/** An account's schedule as it is kept. `own` is null where the server's holds. */
export type StoredSchedule = { localAccountId: number; own: SynchronizationSchedule | null; nextAt: Date | null; failures: number }

type Row = {
  local_account_id: number
  frequency: SynchronizationSchedule['frequency'] | null
  hour: number | null
  next_at: Date | null
  failures: number
}

const ownOf = (row: Pick<Row, 'frequency' | 'hour'>): SynchronizationSchedule | null =>
  row.frequency === null ? null : { frequency: row.frequency, hour: row.hour! }

/** The schedule of an account. */
export async function findSchedule(db: Db, localAccountId: number): Promise<StoredSchedule> {
  const row = await db<Row>('synchronization_schedules').where({ local_account_id: localAccountId }).first()
  return row
    ? { localAccountId, own: ownOf(row), nextAt: row.next_at, failures: row.failures }
    : { localAccountId, own: null, nextAt: null, failures: 0 }
}

/** Puts an account's own schedule in place, or takes it away; what was planned is to be planned anew. */
export async function putSchedule(db: Db, localAccountId: number, own: SynchronizationSchedule | null): Promise<void> {
  await db('synchronization_schedules')
    .insert({ local_account_id: localAccountId, frequency: own?.frequency ?? null, hour: own?.hour ?? null, next_at: null, failures: 0 })
    .onConflict('local_account_id')
    .merge()
}

/** The server's schedule has changed: what was planned by it is to be planned anew. */
export async function forgetPlans(db: Db): Promise<void> {
  await db('synchronization_schedules').whereNull('frequency').update({ next_at: null, failures: 0 })
}

/** The registered accounts for which nothing is planned: number, uuid and own schedule. */
export async function listUnplanned(db: Db): Promise<{ localAccountId: number; uuid: string; own: SynchronizationSchedule | null }[]> {
  const rows = await db('local_accounts as a')
    .leftJoin('synchronization_schedules as s', 's.local_account_id', 'a.id')
    .where('a.state', 'registered')
    .whereNull('s.next_at')
    .select('a.id', 'a.uuid', 's.frequency', 's.hour')
  return rows.map(row => ({ localAccountId: row.id, uuid: row.uuid, own: ownOf(row) }))
}

/** When accounts synchronize next by themselves, of those for which that is planned. */
export async function findPlannedSynchronizations(db: Db, localAccountIds: number[]): Promise<Map<number, Date>> {
  const rows = await db<Row>('synchronization_schedules').whereIn('local_account_id', localAccountIds).whereNotNull('next_at')
  return new Map(rows.map(row => [row.local_account_id, row.next_at!]))
}

/** Plans when an account synchronizes next; null: not by itself. */
export async function planSynchronization(db: Db, localAccountId: number, plan: { nextAt: Date | null; failures: number }): Promise<void> {
  await db('synchronization_schedules')
    .insert({ local_account_id: localAccountId, next_at: plan.nextAt, failures: plan.failures })
    .onConflict('local_account_id')
    .merge(['next_at', 'failures'])
}

/** Brings forward what is planned for an account; one that does not synchronize by itself, or waits after a failure, is left alone. */
export async function bringSynchronizationForward(db: Db, localAccountId: number, to: Date): Promise<void> {
  await db('synchronization_schedules')
    .where({ local_account_id: localAccountId, failures: 0 })
    .where('next_at', '>', to)
    .update({ next_at: to })
}

/**
 * Takes the account whose time came first, so that whoever else looks sees it planned for `until`: it is then taken again if this server did
 * not live to plan anything better. Undefined when no account is due.
 */
export async function claimDueSynchronization(db: Db, now: Date, until: Date): Promise<StoredSchedule | undefined> {
  const result = await db.raw(
    `update synchronization_schedules s set next_at = :until
     from (select d.local_account_id from synchronization_schedules d join local_accounts a on a.id = d.local_account_id
           where d.next_at <= :now and a.state = 'registered' order by d.next_at limit 1 for update of d skip locked) due
     where s.local_account_id = due.local_account_id
     returning s.*`,
    { now, until },
  )
  const row: Row | undefined = result.rows[0]
  return row && { localAccountId: row.local_account_id, own: ownOf(row), nextAt: row.next_at, failures: row.failures }
}
