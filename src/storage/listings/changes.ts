import type { Db } from '../db.ts'
import type { EventKind } from '../events.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import { type ListedEvent, listedEventColumns, listedEventJoins } from './events.ts'
import type { Listing, Part } from './listing.ts'

/**
 * What products and the clock write by themselves. The index events_changes leaves out the same kinds: a fleet writes millions of these lines,
 * and people few.
 */
const notByPeople: EventKind[] = [
  'usage changed',
  'product instance registered',
  'product instance renewed',
  'product instance expired',
  'out of compliance',
  'in compliance',
]
export const byPeople = `e.kind <> all ('{${notByPeople.map(kind => `"${kind}"`).join(',')}}'::text[])`

const sort: SortColumn[] = [{ sql: 'e.id', type: 'bigint' }]

/** A part of a message or of a name, and from when on. */
export type ChangeFilter = { text: string; from: Date | null }

const matching = (scope: Scope) => `${within(scope, 'e')} and ${byPeople} and (:from::timestamptz is null or e.at >= :from)
  and (:sought = '' or e.message ilike :pattern or e.who ilike :pattern)`

/** Who changed what within `scope`, the newest first. */
export function listingOfChanges(db: Db, scope: Scope, { text, from }: ChangeFilter): Listing<ListedEvent> {
  const bindings = { ...scopeBindings(scope), sought: text, pattern: containing(text), from }
  return {
    columns: sort,
    cursorOf: row => [row.id],
    async count() {
      const { rows } = await db.raw(`select count(*) from events e where ${matching(scope)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, true, part)
      const { rows } = await db.raw(
        `select ${listedEventColumns} from (
           select e.* from events e where ${matching(scope)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset) e
         ${listedEventJoins} order by ${cut.order}`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return rows
    },
  }
}
