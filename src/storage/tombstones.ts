import type { Db } from './db.ts'

/** What is remembered for 90 days of an instance that was removed (wire-device 5.10). */
export type Tombstone = {
  localAccountId: number
  productInstanceId: string
  name: string
  removedAt: Date
  removedBy: string
  reason: string
}

/** Remembers that an instance was removed, and why. */
export async function insertTombstone(db: Db, tombstone: Tombstone): Promise<void> {
  await db('tombstones').insert({
    local_account_id: tombstone.localAccountId,
    product_instance_id: tombstone.productInstanceId,
    name: tombstone.name,
    removed_at: tombstone.removedAt,
    removed_by: tombstone.removedBy,
    reason: tombstone.reason,
  })
}

/** Why an instance is not there any more, if it ever was. */
export async function findTombstone(db: Db, localAccountId: number, productInstanceId: string): Promise<Tombstone | undefined> {
  const result = await db.raw(
    `select local_account_id as "localAccountId", product_instance_id as "productInstanceId", name, removed_at as "removedAt",
            removed_by as "removedBy", reason
     from tombstones where local_account_id = ? and product_instance_id = ?`,
    [localAccountId, productInstanceId],
  )
  return result.rows[0]
}

/** Forgets those that have lived their time; gives how many. */
export const deleteTombstonesBefore = (db: Db, before: Date): Promise<number> => db('tombstones').where('removed_at', '<', before).delete()
