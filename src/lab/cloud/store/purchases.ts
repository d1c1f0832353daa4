import { type LicenseType, licenseTypes } from '../../../wire/exchange/entitlements.ts'
import { refuseUnless } from '../refusal.ts'
import type { Db } from './database.ts'

/** A lot that was bought. Dates in milliseconds; null is "always" and "for ever". */
export type Purchase = {
  id: number
  virtualAccountId: number
  tag: string
  displayName: string
  exportRestricted: number
  licenseType: LicenseType
  quantity: number
  startDate: number | null
  endDate: number | null
  subscriptionId: string | null
}

/** How many licenses a lot holds at most. */
export const mostInLot = 10_000_000

export type NewPurchase = Omit<Purchase, 'id' | 'displayName' | 'exportRestricted'>

/** The lots of a Virtual Account, in the order in which they were bought. */
export const listPurchases = (db: Db, virtualAccountId: number): Purchase[] =>
  db.all(
    `select p.id, p.virtual_account_id as virtualAccountId, p.tag, t.display_name as displayName, t.export_restricted as exportRestricted,
            p.license_type as licenseType, p.quantity, p.start_date as startDate, p.end_date as endDate, p.subscription_id as subscriptionId
     from purchases p join tags t using (tag) where p.virtual_account_id = ? order by p.id`,
    virtualAccountId,
  )

/** Buys a lot and gives its number. Refuses an unknown tag, a quantity that is none, and a term that ends before it begins. */
export function buy(db: Db, lot: NewPurchase): number {
  refuseUnless(db.one('select 1 from tags where tag = ?', lot.tag), 'INVALID', 'Choose a license of the catalog.')
  refuseUnless(licenseTypes.includes(lot.licenseType), 'INVALID', 'Choose how it is sold.')
  checkQuantity(lot.quantity)
  const runs = lot.endDate === null || lot.endDate > (lot.startDate ?? 0)
  refuseUnless(runs, 'INVALID', 'The lot must end after it begins.')
  refuseUnless(lot.endDate !== null || lot.licenseType === 'PERPETUAL', 'INVALID', 'Only a perpetual license has no end.')
  return db.run(
    `insert into purchases (virtual_account_id, tag, license_type, quantity, start_date, end_date, subscription_id)
     values (?, ?, ?, ?, ?, ?, ?)`,
    lot.virtualAccountId,
    lot.tag,
    lot.licenseType,
    lot.quantity,
    lot.startDate,
    lot.endDate,
    lot.subscriptionId,
  ).id
}

/** Changes how much a lot holds, within its Virtual Account. */
export function setQuantity(db: Db, virtualAccountId: number, id: number, quantity: number): void {
  checkQuantity(quantity)
  db.run('update purchases set quantity = ? where id = ? and virtual_account_id = ?', quantity, id, virtualAccountId)
}

/** Takes a lot back. */
export function removePurchase(db: Db, virtualAccountId: number, id: number): void {
  db.run('delete from purchases where id = ? and virtual_account_id = ?', id, virtualAccountId)
}

function checkQuantity(quantity: number): void {
  refuseUnless(Number.isInteger(quantity) && quantity >= 1 && quantity <= mostInLot, 'INVALID', 'Give a whole number from 1 to 10,000,000.')
}
