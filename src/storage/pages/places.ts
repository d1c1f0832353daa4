import type { Db } from '../db.ts'
import type { Scope } from './scope.ts'

/** A Local Virtual Account as a filter offers it. */
export type PlaceName = { id: number; name: string; isDefault: boolean }

/** A filter offers no more than this many Local Virtual Accounts. */
const most = 200

/** A subquery with the Local Virtual Accounts of a scope, Default first, then by name; its bindings are `placeBindings`. */
export const listedPlaces = (scope: Scope): string => `(
  select coalesce(json_agg(p), '[]') from (
    select v.id, v.name, v.is_default as "isDefault" from local_virtual_accounts v
    where v.local_account_id = :account ${scope.reach === 'all' ? '' : 'and v.id = any(:offered::integer[])'}
    order by v.is_default desc, v.name limit ${most}) p)`

/** What `listedPlaces` refers to beside the account. */
export const placeBindings = (scope: Scope) => ({ account: scope.localAccountId, offered: scope.reach === 'all' ? [] : scope.reach })

/** The Local Virtual Accounts that a form offers. One query. */
export async function listPlaces(db: Db, scope: Scope): Promise<PlaceName[]> {
  const result = await db.raw(`select ${listedPlaces(scope)} as places`, placeBindings(scope))
  return result.rows[0].places
}
