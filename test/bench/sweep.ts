import type { Db } from '../../src/storage/db.ts'
import type { DataSet } from './generate/dataSet.ts'

/** What belongs to the yard alone, in an order in which it can go. */
const ofTheYard = [
  'product_instances',
  'product_instance_counts',
  'authorizations',
  'substitutions',
  'registration_tokens',
  'tombstones',
  'polls',
  'alerts',
]

/**
 * Takes away what a run of the benchmark left in a data set, so that the next meets it as it was made: the products of the yard, people, replies,
 * what happened since, and the versions of reports that the roster knows nothing of. A quantity here and there stays one higher or lower.
 */
export async function sweep(db: Db, { accounts, yard, lastEvent }: DataSet): Promise<void> {
  for (const table of ofTheYard) await db(table).where({ local_account_id: yard }).delete()
  await db.raw('truncate replies')
  await db('users').delete()
  await db('events')
    .whereIn('local_account_id', [0, yard, ...accounts.map(({ id }) => id)])
    .where('id', '>', lastEvent)
    .delete()
  await forgetVersions(db)
  for (const table of ['accounts', 'branches', 'history', 'tellers']) await db.raw(`drop table if exists pgbench_${table}`)
}

/** Of reports that came otherwise than from a fleet its roster knows nothing: its products would be told that theirs is stale, and would send another. */
export const forgetVersions = (db: Db): Promise<number> =>
  db('product_instance_contacts').where('entitlement_version', '>', 1).update({ entitlement_version: 1 })
