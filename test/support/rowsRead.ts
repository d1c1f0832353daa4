import type { Db, Storage } from '../../src/storage/db.ts'

/** Tables that grow with the fleet. */
const growing = ['product_instances', 'product_instance_contacts', 'usage', 'events', 'certificates']

/** What this connection has read and not yet reported. */
async function soFar(db: Db): Promise<number> {
  const { rows } = await db.raw(
    `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint as read
     from pg_stat_xact_user_tables where relname = any(?)`,
    [growing],
  )
  return rows[0].read
}

/** How many rows of the tables that grow with the fleet a piece of work reads, by scans and by indexes, as PostgreSQL counts them. */
export const rowsRead = (storage: Storage, work: (db: Db) => Promise<unknown>): Promise<number> =>
  storage.pages.transaction(async tx => {
    const before = await soFar(tx)
    await work(tx)
    return (await soFar(tx)) - before
  })
