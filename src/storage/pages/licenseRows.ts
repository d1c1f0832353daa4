import type { LicenseType } from '../../rules/entitlements.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { listedPlaces, type PlaceName, placeBindings } from './places.ts'
import { type Scope, scopeBindings, within } from './scope.ts'
import { containing } from './search.ts'

/** What a tag has and needs, over the Local Virtual Accounts of a scope. */
export type LicenseSums = {
  purchased: number
  inUse: number
  reserved: number
  borrowed: number
  lent: number
  balance: number
  instances: number
  /** In how many Local Virtual Accounts it is known, and in how many of them it is out of compliance. */
  places: number
  placesShort: number
}

/** A row of Inventory › Licenses. */
export type LicenseRow = LicenseSums & {
  tagId: number
  tag: string
  displayName: string
  /** The types of the lots that were bought, or the catalog's where none was. */
  types: LicenseType[]
  /** When the next lot in force ends, and how many licenses are still to begin. */
  nextEndsAt: Date | null
  pending: number
}

export type LicenseRows = { page: Page<LicenseRow>; places: PlaceName[] }

/** What licenses can be sorted by. Some rows share a number, so the tag's identifier comes last. */
export const licenseSorts = {
  name: { sql: 't.display_name', type: 'text' },
  purchased: { sql: 's.purchased', type: 'bigint' },
  inUse: { sql: 's."inUse"', type: 'bigint' },
  balance: { sql: 's.balance', type: 'bigint' },
} as const satisfies Record<string, SortColumn>
export type LicenseSort = keyof typeof licenseSorts

/** What a list of licenses is narrowed to, and its order. `text` is part of a name or of a tag. */
export type LicenseFilter = { text: string; onlyShort: boolean; sort: LicenseSort; descending: boolean }

const byTag: SortColumn = { sql: 't.id', type: 'integer' }

/** The columns that a filter sorts by, for `keyset` and for reading a cursor. */
export const licenseSortColumns = (sort: LicenseSort): SortColumn[] => [licenseSorts[sort], byTag]

/** A subquery that sums the counters of the tag `t.id` over a scope. */
export const licenseSums = (scope: Scope): string => `
  select coalesce(sum(a.purchased), 0)::bigint as purchased, coalesce(sum(a.in_use), 0)::bigint as "inUse",
         coalesce(sum(a.reserved), 0)::bigint as reserved, coalesce(sum(a.borrowed), 0)::bigint as borrowed,
         coalesce(sum(a.lent), 0)::bigint as lent, coalesce(sum(a.balance), 0)::bigint as balance,
         coalesce(sum(a.instances), 0)::bigint as instances, count(*) as places, count(a.out_of_compliance_since) as "placesShort"
  from authorizations a where ${within(scope, 'a')} and a.tag_id = t.id`

const lots = `
  select array_agg(distinct e.license_type) as types, min(e.ends_at) filter (where e.starts_at <= :now and e.ends_at > :now) as "nextEndsAt",
         coalesce(sum(e.quantity) filter (where e.starts_at > :now), 0)::bigint as pending
  from entitlements e where e.local_account_id = :account and e.tag_id = t.id`

/** A page of the licenses known within `narrow`, the part of `scope` that a filter names. One query. */
export async function listLicenseRows(
  db: Db,
  scope: Scope,
  narrow: Scope,
  filter: LicenseFilter,
  slice: Slice,
  now: Date,
): Promise<LicenseRows> {
  const { condition, order, bindings } = keyset(licenseSortColumns(filter.sort), filter.descending, slice)
  const result = await db.raw(
    `with found as (
       select t.id, t.tag, t.display_name, t.license_type, s.*
       from entitlement_tags t cross join lateral (${licenseSums(narrow)}) s
       where s.places > 0 and (:sought = '' or t.display_name ilike :pattern or t.tag ilike :pattern)
         and (not :onlyShort or s."placesShort" > 0) and ${condition}
       order by ${order} limit :limit)
     select ${listedPlaces(scope)} as places, (
       select coalesce(json_agg(r), '[]') from (
         select t.id as "tagId", t.tag, t.display_name as "displayName", coalesce(l.types, array[t.license_type]) as types, l."nextEndsAt",
                l.pending, ${sumColumns}
         from found t cross join lateral (select t.*) s cross join lateral (${lots}) l
         order by ${order}) r) as rows`,
    {
      ...bindings,
      ...placeBindings(scope),
      ...scopeBindings(narrow),
      sought: filter.text,
      pattern: containing(filter.text),
      onlyShort: filter.onlyShort,
      now,
    },
  )
  const rows = withDates<LicenseRow>(result.rows[0].rows, 'nextEndsAt')
  return { page: pageOf(rows, slice, row => [cursorValue(row, filter.sort), row.tagId]), places: result.rows[0].places }
}

const sumColumns = 's.purchased, s."inUse", s.reserved, s.borrowed, s.lent, s.balance, s.instances, s.places, s."placesShort"'

const cursorValue = (row: LicenseRow, sort: LicenseSort) => (sort === 'name' ? row.displayName : row[sort])
