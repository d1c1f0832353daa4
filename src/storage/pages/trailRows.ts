import type { TrailRecord } from '../../rules/trail.ts'
import type { Db } from '../db.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { containing } from './search.ts'

/** A record as the page shows it. */
export type TrailRow = { number: number; record: TrailRecord }

export type TrailFilter = { text: string; outcome: 'done' | 'refused' | null }

/** The newest first. */
export const byNumber: SortColumn[] = [{ sql: 't.number', type: 'bigint' }]

/** A filter looks through so many records at a time, as in the event log. */
export const trailWindow = 20_000

/** A page of the trail. `searchedTo`: where a filtered search stopped for now. One query, whose cost does not grow with the trail. */
export async function listTrailRows(
  db: Db,
  filter: TrailFilter,
  slice: Slice,
): Promise<{ page: Page<TrailRow>; searchedTo: number | null }> {
  const { condition, order, bindings } = keyset(byNumber, true, slice)
  const filtered = filter.text !== '' || filter.outcome !== null
  const { rows } = await db.raw(
    `with seen as materialized (select t.* from trail t where ${condition} order by ${order} limit :window)
     select (select count(*) from seen) as seen, (select min(number) from seen) as oldest,
            (select coalesce(json_agg(r), '[]') from (
               select t.number, t.record::json as record from seen t
               where (:outcome::text is null or t.outcome = :outcome)
                 and (:sought = '' or t.who ilike :pattern or t.record::json ->> 'message' ilike :pattern or t.record::json ->> 'source' ilike :pattern)
               order by ${order} limit :limit) r) as found`,
    {
      ...bindings,
      window: filtered ? trailWindow : slice.size + 1,
      outcome: filter.outcome,
      sought: filter.text,
      pattern: containing(filter.text),
    },
  )
  const { seen, oldest, found } = rows[0]
  const page = pageOf(found as TrailRow[], slice, ({ number }) => [number])
  const stopped = filtered && slice.before === undefined && seen === trailWindow && page.next === null
  return { page, searchedTo: stopped ? oldest : null }
}
