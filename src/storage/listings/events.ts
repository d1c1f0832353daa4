import type { Knex } from 'knex'
import type { Db } from '../db.ts'
import type { EventKind } from '../events.ts'
import type { EventFilter } from '../pages/eventRows.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import type { Listing, Part } from './listing.ts'

/** A line of an account's event log, as the API lists it. */
export type ListedEvent = {
  id: number
  at: Date
  kind: EventKind
  message: string
  who: string
  source: string | null
  localVirtualAccount: string | null
  productInstanceId: string | null
  tag: string | null
}

/** What the list is narrowed to: one kind, and from or to a moment. */
export type EventListFilter = { kind: string | null; from: Date | null; to: Date | null }

/** The columns of a `ListedEvent`, of events `e` and `listedEventJoins`. */
const listedEventColumns = `e.id, e.at, e.kind, e.message, e.who, e.source, v.name as "localVirtualAccount",
  e.product_instance_id as "productInstanceId", t.tag`
const listedEventJoins = `left join local_virtual_accounts v on v.local_account_id = e.local_account_id and v.id = e.local_virtual_account_id
  left join entitlement_tags t on t.id = e.tag_id`

const sort: SortColumn[] = [{ sql: 'e.id', type: 'bigint' }]

const matching = (scope: Scope) => `${within(scope, 'e')} and (:kind::text is null or e.kind = :kind)
  and (:from::timestamptz is null or e.at >= :from) and (:to::timestamptz is null or e.at < :to)`

/** The events within `scope` that fit a filter, the newest first. Counting them reads them all, and is for who asks. */
export const listingOfEvents = (db: Db, scope: Scope, filter: EventListFilter): Listing<ListedEvent> =>
  eventsThat(db, matching(scope), { ...scopeBindings(scope), ...filter })

/** The event log within `scope` as its page filters it, the newest first: one kind, and a text in the message or the name. */
export const listingOfEventLog = (db: Db, scope: Scope, { kind, text }: EventFilter): Listing<ListedEvent> =>
  eventsThat(
    db,
    `${within(scope, 'e')} and (:kind::text is null or e.kind = :kind) and (:sought = '' or e.message ilike :pattern or e.who ilike :pattern)`,
    { ...scopeBindings(scope), kind, sought: text, pattern: containing(text) },
  )

/** The events `e` that a condition with its bindings leaves, the newest first. */
export const eventsThat = (db: Db, condition: string, bindings: Knex.ValueDict): Listing<ListedEvent> => ({
  columns: sort,
  cursorOf: row => [row.id],
  async count() {
    const { rows } = await db.raw(`select count(*) from events e where ${condition}`, bindings)
    return rows[0].count
  },
  async read(part: Part) {
    const cut = keyset(sort, true, part)
    const { rows } = await db.raw(
      `select ${listedEventColumns} from (
         select e.* from events e where ${condition} and ${cut.condition} order by ${cut.order} limit :limit offset :offset) e
       ${listedEventJoins} order by ${cut.order}`,
      { ...bindings, ...cut.bindings, offset: part.offset },
    )
    return rows
  },
})
