import { type Alert, type AlertSeverity, placeOfAlert } from '../alerts.ts'
import type { Db } from '../db.ts'
import { alertsWithin } from '../pages/alertRows.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings } from '../pages/scope.ts'
import type { Listing, Part } from './listing.ts'

/** An alert of an account, as the API lists it; `localVirtualAccount` where it is about one. */
export type ListedAlert = Alert & { clearedAt: Date | null; localVirtualAccount: string | null }

/** What the list is narrowed to; an empty list of words is no filter. */
export type AlertFilter = { severities: AlertSeverity[]; kinds: string[]; withCleared: boolean }

const sort: SortColumn[] = [{ sql: 'l.id', type: 'bigint' }]

const matching = (scope: Scope, { withCleared }: AlertFilter) => `${alertsWithin(scope)}
  and (cardinality(:severities::text[]) = 0 or l.severity = any(:severities)) and (cardinality(:kinds::text[]) = 0 or l.kind = any(:kinds))
  ${withCleared ? '' : 'and l.cleared_at is null'}`

/** The alerts within `scope` that fit a filter, the newest first. */
export function listingOfAlerts(db: Db, scope: Scope, filter: AlertFilter): Listing<ListedAlert> {
  const bindings = { ...scopeBindings(scope), severities: filter.severities, kinds: filter.kinds }
  return {
    columns: sort,
    cursorOf: row => [row.id],
    async count() {
      const { rows } = await db.raw(`select count(*) from alerts l where ${matching(scope, filter)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, true, part)
      const result = await db.raw(
        `select l.local_account_id as "localAccountId", l.id, l.kind, l.subject, l.severity, l.source, l.message, l.action,
                l.raised_at as "raisedAt", l.cleared_at as "clearedAt",
                (select v.name from local_virtual_accounts v where v.local_account_id = l.local_account_id and v.id = ${placeOfAlert})
                  as "localVirtualAccount"
         from alerts l where ${matching(scope, filter)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return result.rows
    },
  }
}
