import { entitlementsDigest } from '../../../wire/exchange/digests.ts'
import type { Entitlement, EntitlementChange, EntitlementNews } from '../../../wire/exchange/entitlements.ts'
import type { Db } from '../store/database.ts'
import { listPurchases, type Purchase } from '../store/purchases.ts'

/** What a Virtual Account owns, as its server is told. */
export const ownedEntitlements = (db: Db, virtualAccountId: number, now: Date): Entitlement[] =>
  listPurchases(db, virtualAccountId).map(lot => ({
    license_id: `L-${lot.id}`,
    tag: lot.tag,
    display_name: lot.displayName,
    license_type: lot.licenseType,
    quantity: lot.quantity,
    start_date: lot.startDate,
    end_date: lot.endDate,
    subscription_id: lot.subscriptionId,
    export_restricted: lot.exportRestricted === 1,
    status: standing(lot, now),
  }))

/** The word that people read of a lot; what is in force follows from its dates. */
export function standing(lot: Pick<Purchase, 'startDate' | 'endDate'>, now: Date): 'ACTIVE' | 'PENDING' | 'EXPIRED' {
  if (lot.startDate !== null && now.getTime() < lot.startDate) return 'PENDING'
  return lot.endDate !== null && now.getTime() >= lot.endDate ? 'EXPIRED' : 'ACTIVE'
}

/**
 * The entitlements of a response, and their digest: everything, or "changes with `license_id`, `op: upsert|delete`" since the last response.
 * Remembers what was told.
 */
export function tellEntitlements(
  db: Db,
  registrationId: number,
  owned: Entitlement[],
  isFull: boolean,
): { news: EntitlementNews; digest: string } {
  const told = new Map(
    db
      .all<{ license_id: string; entitlement: string }>(
        'select license_id, entitlement from told_entitlements where registration_id = ?',
        registrationId,
      )
      .map(row => [row.license_id, row.entitlement]),
  )
  db.run('delete from told_entitlements where registration_id = ?', registrationId)
  for (const each of owned) db.run('insert into told_entitlements values (?, ?, ?)', registrationId, each.license_id, JSON.stringify(each))
  return { news: isFull ? { all: owned } : { changes: difference(told, owned) }, digest: entitlementsDigest(owned) }
}

function difference(told: Map<string, string>, owned: Entitlement[]): EntitlementChange[] {
  const ids = new Set(owned.map(each => each.license_id))
  return [
    ...owned
      .filter(each => told.get(each.license_id) !== JSON.stringify(each))
      .map((each): EntitlementChange => ({ op: 'upsert', ...each })),
    ...[...told.keys()].filter(id => !ids.has(id)).map((license_id): EntitlementChange => ({ op: 'delete', license_id })),
  ]
}
