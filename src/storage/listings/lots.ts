import type { LicenseType } from '../../rules/entitlements.ts'
import type { Db } from '../db.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import type { Listing, Part } from './listing.ts'

/** What a Local Virtual Account holds of one lot. */
export type ListedLot = {
  licenseId: string
  displayName: string
  tag: string
  localVirtualAccountId: number
  localVirtualAccount: string
  licenseType: LicenseType
  quantity: number
  startsAt: Date
  endsAt: Date | null
  subscriptionId: string | null
}

/** A part of a name, a tag or a subscription; a type; and whether a lot is in force, begins later, has ended, or ends before a moment. */
export type LotFilter = {
  text: string
  type: LicenseType | null
  standing: 'in force' | 'pending' | 'ended' | null
  endsBefore: Date | null
}

const sort: SortColumn[] = [
  { sql: 't.display_name', type: 'text' },
  { sql: 'h.license_id', type: 'text' },
  { sql: 'h.local_virtual_account_id', type: 'integer' },
]

/** `lotStanding` as a condition: half-open. */
const standing = `case when e.starts_at > :now then 'pending' when e.ends_at <= :now then 'ended' else 'in force' end`

const found = (scope: Scope) => `
  from entitlement_shares h join entitlements e on e.local_account_id = h.local_account_id and e.license_id = h.license_id
    join entitlement_tags t on t.id = e.tag_id
    join local_virtual_accounts v on v.local_account_id = h.local_account_id and v.id = h.local_virtual_account_id
  where ${within(scope, 'h')} and (:sought = '' or t.display_name ilike :pattern or t.tag ilike :pattern or e.subscription_id ilike :pattern)
    and (:type::text is null or e.license_type = :type) and (:standing::text is null or ${standing} = :standing)
    and (:endsBefore::timestamptz is null or (e.ends_at > :now and e.ends_at <= :endsBefore))`

/** The lots that Local Virtual Accounts of `scope` hold, by the names of their licenses. */
export function listingOfLots(db: Db, scope: Scope, filter: LotFilter, now: Date): Listing<ListedLot> {
  const { text, type, standing: chosen, endsBefore } = filter
  const bindings = { ...scopeBindings(scope), sought: text, pattern: containing(text), type, standing: chosen, endsBefore, now }
  return {
    columns: sort,
    cursorOf: row => [row.displayName, row.licenseId, row.localVirtualAccountId],
    async count() {
      const { rows } = await db.raw(`select count(*) ${found(scope)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, false, part)
      const { rows } = await db.raw(
        `select h.license_id as "licenseId", t.display_name as "displayName", t.tag, h.local_virtual_account_id as "localVirtualAccountId",
                v.name as "localVirtualAccount", e.license_type as "licenseType", h.quantity, e.starts_at as "startsAt", e.ends_at as "endsAt",
                e.subscription_id as "subscriptionId"
         ${found(scope)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return rows
    },
  }
}
