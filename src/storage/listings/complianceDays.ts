import type { Db } from '../db.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import type { UsageDay } from '../usageHistory.ts'
import type { Listing, Part } from './listing.ts'

/** A day (UTC) on which a license stood differently in a Local Virtual Account than on the day before. */
export type ListedComplianceDay = UsageDay & {
  displayName: string
  tag: string
  tagId: number
  localVirtualAccountId: number
  localVirtualAccount: string
}

/** A part of a name or of a tag; from which day on; only days on which something was missing. */
export type ComplianceDayFilter = { text: string; from: string; onlyShort: boolean }

/** The order of the table's own key: however long the history, a part of it is read from where it begins. */
const sort: SortColumn[] = [
  { sql: 'h.local_virtual_account_id', type: 'integer' },
  { sql: 'h.tag_id', type: 'integer' },
  { sql: 'h.day', type: 'date' },
]

const found = (scope: Scope) => `
  from usage_history h join entitlement_tags t on t.id = h.tag_id
    join local_virtual_accounts v on v.local_account_id = h.local_account_id and v.id = h.local_virtual_account_id
  where ${within(scope, 'h')} and h.day >= :from::date and (not :onlyShort or h.short > 0)
    and (:sought = '' or t.display_name ilike :pattern or t.tag ilike :pattern)`

/** How licenses stood, by Local Virtual Account and license, day by day. */
export function listingOfComplianceDays(db: Db, scope: Scope, filter: ComplianceDayFilter): Listing<ListedComplianceDay> {
  const { text, from, onlyShort } = filter
  const bindings = { ...scopeBindings(scope), sought: text, pattern: containing(text), from, onlyShort }
  return {
    columns: sort,
    cursorOf: row => [row.localVirtualAccountId, row.tagId, row.day],
    async count() {
      const { rows } = await db.raw(`select count(*) ${found(scope)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, false, part)
      const { rows } = await db.raw(
        `select h.day, t.display_name as "displayName", t.tag, h.tag_id as "tagId", h.local_virtual_account_id as "localVirtualAccountId",
                v.name as "localVirtualAccount", h.purchased, h.in_use as "inUse", h.short
         ${found(scope)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return rows
    },
  }
}
