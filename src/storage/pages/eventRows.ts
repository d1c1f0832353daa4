import type { Db } from '../db.ts'
import type { EventKind } from '../events.ts'
import { withDates } from './dates.ts'
import { type Page, pageOf, type Slice } from './keyset.ts'
import { listedPlaces, type PlaceName, placeBindings } from './places.ts'
import { type Scope, scopeBindings } from './scope.ts'
import { containing } from './search.ts'

/** A line of the event log. */
export type EventRow = {
  id: number
  at: Date
  kind: EventKind
  message: string
  who: string
  localVirtualAccount: string | null
  productInstanceId: string | null
  tagId: number | null
}

export type EventFilter = { kind: EventKind | null; text: string }

/** A page of events. `searchedTo` is where a filtered search stopped for now: the way on to what lies further back. */
export type EventRows = { page: Page<EventRow>; places: PlaceName[]; searchedTo: { id: number; at: Date } | null }

/** The columns of an `EventRow`, of what `eventSource` calls `e` and `v`. */
export const eventColumns = `e.id, e.at, e.kind, e.message, e.who, v.name as "localVirtualAccount",
  e.product_instance_id as "productInstanceId", e.tag_id as "tagId"`

/** Events with the names of their places; `from` is the table, or a query, that they come from. */
export const eventSource = (from: string) =>
  `${from} e left join local_virtual_accounts v on v.local_account_id = e.local_account_id and v.id = e.local_virtual_account_id`

/** A filter looks through this many events at a time, some ten milliseconds: an index for each would cost every report that writes one. */
export const eventWindow = 2000

/** What a page and its filters need of an event: what is looked through is put aside row by row. */
const seenColumns = 'local_account_id, local_virtual_account_id, product_instance_id, tag_id, id, at, kind, message, who'

/**
 * A page of an account's events, the newest first, of `narrow`, the part of `scope` that a filter names. One query.
 * The log is the table that grows fastest and may hold millions, so a filtered search reads a window of it at a time, and tells how far it got.
 */
export async function listEventRows(db: Db, scope: Scope, narrow: Scope, filter: EventFilter, slice: Slice): Promise<EventRows> {
  const backwards = slice.before !== undefined
  const place = narrow.reach === 'all' ? 'true' : 'e.local_virtual_account_id = any(:places::integer[])'
  const order = backwards ? 'e.id asc' : 'e.id desc'
  const filtered = filter.kind !== null || filter.text !== '' || narrow.reach !== 'all'
  const result = await db.raw(
    `with seen as materialized (
       select ${seenColumns} from events e
       where e.local_account_id = :account and ${backwards ? 'e.id > :from::bigint' : '(:from::bigint is null or e.id < :from)'}
       order by ${order} limit :window)
     select ${listedPlaces(scope)} as places, (select count(*) from seen) as seen,
            (select json_build_object('id', e.id, 'at', e.at) from seen e order by e.id limit 1) as oldest,
            (select coalesce(json_agg(r), '[]') from (
               select ${eventColumns} from ${eventSource('seen')}
               where ${place} and (:kind::text is null or e.kind = :kind) and (:sought = '' or e.message ilike :pattern or e.who ilike :pattern)
               order by ${order} limit :limit) r) as rows`,
    {
      ...placeBindings(scope),
      ...scopeBindings(narrow),
      from: (slice.before ?? slice.after)?.[0] ?? null,
      window: filtered ? eventWindow : slice.size + 1,
      limit: slice.size + 1,
      kind: filter.kind,
      sought: filter.text,
      pattern: containing(filter.text),
    },
  )
  const { rows, places, seen, oldest } = result.rows[0]
  const page = pageOf(withDates<EventRow>(rows, 'at'), slice, row => [row.id])
  const stopped = filtered && !backwards && seen === eventWindow && page.next === null
  return { page, places, searchedTo: stopped ? { id: oldest.id, at: new Date(oldest.at) } : null }
}
