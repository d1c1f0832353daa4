import { day, later } from '../../rules/clock.ts'
import type { LicenseType } from '../../rules/entitlements.ts'
import type { Db } from '../db.ts'
import { withDates } from '../pages/dates.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import type { Listing, Part } from './listing.ts'

/** A license in a Local Virtual Account, as the API lists it. */
export type ListedLicense = {
  tagId: number
  tag: string
  displayName: string
  localVirtualAccountId: number
  localVirtualAccount: string
  purchased: number
  inUse: number
  reserved: number
  balance: number
  short: boolean
  pending: number
  lots: { licenseType: LicenseType; quantity: number; startsAt: Date; endsAt: Date | null; subscriptionId: string | null }[]
  loans: { lender: string; borrower: string; quantity: number }[]
}

/** What the list is narrowed to: a part of a name or of a tag, and whether it is out of compliance. */
export type LicenseListFilter = { text: string; short: boolean | null }

/** By name; the same name in several Local Virtual Accounts, and two tags of one name, are told apart by their numbers. */
const sort: SortColumn[] = [
  { sql: 't.display_name', type: 'text' },
  { sql: 't.id', type: 'integer' },
  { sql: 'v.id', type: 'integer' },
]

/** Lots that ended longer ago explain nothing that is new. */
const longestEnded = 365 * day
const mostLots = 100

/** Every tag that a Local Virtual Account has, had something of, or will have. */
const held = (scope: Scope) => `
  select a.local_virtual_account_id, a.tag_id from authorizations a
  where ${within(scope, 'a')} and (a.purchased > 0 or a.in_use > 0 or a.reserved > 0 or a.lent > 0)
  union
  select h.local_virtual_account_id, e.tag_id
  from entitlement_shares h join entitlements e on e.local_account_id = h.local_account_id and e.license_id = h.license_id
  where ${within(scope, 'h')} and (e.ends_at is null or e.ends_at > :now)`

const found = (scope: Scope) => `
  from (${held(scope)}) h join entitlement_tags t on t.id = h.tag_id
    join local_virtual_accounts v on v.local_account_id = :account and v.id = h.local_virtual_account_id
    left join authorizations a on a.local_account_id = :account and a.local_virtual_account_id = v.id and a.tag_id = t.id
  where (:sought = '' or t.display_name ilike :pattern or t.tag ilike :pattern)
    and (:short::boolean is null or (a.out_of_compliance_since is not null) = :short)`

const lots = `(
  select coalesce(json_agg(l), '[]') from (
    select e.license_type as "licenseType", h.quantity, e.starts_at as "startsAt", e.ends_at as "endsAt", e.subscription_id as "subscriptionId"
    from entitlement_shares h join entitlements e on e.local_account_id = h.local_account_id and e.license_id = h.license_id
    where h.local_account_id = :account and h.local_virtual_account_id = c."localVirtualAccountId" and e.tag_id = c."tagId"
      and (e.ends_at is null or e.ends_at > :longAgo)
    order by e.starts_at, e.license_id limit ${mostLots}) l)`

const pending = `(
  select coalesce(sum(h.quantity), 0)::bigint
  from entitlement_shares h join entitlements e on e.local_account_id = h.local_account_id and e.license_id = h.license_id
  where h.local_account_id = :account and h.local_virtual_account_id = c."localVirtualAccountId" and e.tag_id = c."tagId" and e.starts_at > :now)`

const loans = `(
  select coalesce(json_agg(json_build_object('lender', lender.display_name, 'borrower', borrower.display_name, 'quantity', b.quantity)
                           order by lender.display_name, borrower.display_name), '[]')
  from substitutions b join entitlement_tags lender on lender.id = b.lender_tag_id join entitlement_tags borrower on borrower.id = b.borrower_tag_id
  where b.local_account_id = :account and b.local_virtual_account_id = c."localVirtualAccountId"
    and c."tagId" in (b.lender_tag_id, b.borrower_tag_id))`

/** The licenses within `scope`, one row for each Local Virtual Account that holds or uses them, with their lots and what stands in for what. */
export function listingOfLicenses(db: Db, scope: Scope, filter: LicenseListFilter, now: Date): Listing<ListedLicense> {
  const bindings = {
    ...scopeBindings(scope),
    now,
    longAgo: later(now, -longestEnded),
    sought: filter.text,
    pattern: containing(filter.text),
    short: filter.short,
  }
  return {
    columns: sort,
    cursorOf: row => [row.displayName, row.tagId, row.localVirtualAccountId],
    async count() {
      const { rows } = await db.raw(`select count(*) ${found(scope)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, false, part)
      const result = await db.raw(
        `with chosen as (
           select row_number() over (order by ${cut.order}) as place, t.id as "tagId", t.tag, t.display_name as "displayName",
                  v.id as "localVirtualAccountId", v.name as "localVirtualAccount", coalesce(a.purchased, 0) as purchased,
                  coalesce(a.in_use, 0) as "inUse", coalesce(a.reserved, 0) as reserved, coalesce(a.balance, 0) as balance,
                  a.out_of_compliance_since is not null as short
           ${found(scope)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset)
         select c.*, ${lots} as lots, ${pending} as pending, ${loans} as loans from chosen c order by c.place`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      for (const row of result.rows) withDates<ListedLicense['lots'][number]>(row.lots, 'startsAt', 'endsAt')
      return result.rows
    },
  }
}
