import type { ProductRecord } from '../../../wire/exchange/products.ts'
import type { UsageTotal } from '../../../wire/exchange/syncRequest.ts'
import type { Db } from './database.ts'

/** Puts product instances in place; `all` forgets the others. */
export function putProducts(db: Db, registrationId: number, products: ProductRecord[], all: boolean): void {
  if (all) db.run('delete from product_instances where registration_id = ?', registrationId)
  for (const product of products) {
    db.run(
      'insert or replace into product_instances values (?, ?, ?)',
      registrationId,
      product.product_instance_identifier,
      JSON.stringify(product),
    )
  }
}

/** Forgets product instances. */
export function removeProducts(db: Db, registrationId: number, ids: string[]): void {
  for (const id of ids) db.run('delete from product_instances where registration_id = ? and id = ?', registrationId, id)
}

/** The identifiers of all product instances, in their order. */
export const listProductIds = (db: Db, registrationId: number): string[] =>
  db.all<{ id: string }>('select id from product_instances where registration_id = ? order by id', registrationId).map(row => row.id)

/** Product instances as they were reported, from `after` on. */
export const listProducts = (db: Db, registrationId: number, after: string, limit: number): ProductRecord[] =>
  db
    .all<{ record: string }>(
      'select record from product_instances where registration_id = ? and id > ? order by id limit ?',
      registrationId,
      after,
      limit,
    )
    .map(row => JSON.parse(row.record))

/** Puts the reported totals in the place of those before. */
export function putUsage(db: Db, registrationId: number, usage: UsageTotal[]): void {
  db.run('delete from usage where registration_id = ?', registrationId)
  for (const { tag, in_use, peak, out_of_compliance } of usage) {
    db.run('insert or replace into usage values (?, ?, ?, ?, ?)', registrationId, tag, in_use, peak, out_of_compliance)
  }
}

/** The reported totals, with the names of the catalog where it has them. */
export const listUsage = (
  db: Db,
  registrationId: number,
): { tag: string; displayName: string; inUse: number; peak: number; outOfCompliance: number }[] =>
  db.all(
    `select u.tag, coalesce(t.display_name, u.tag) as displayName, u.in_use as inUse, u.peak, u.out_of_compliance as outOfCompliance
     from usage u left join tags t using (tag) where u.registration_id = ? order by displayName`,
    registrationId,
  )
