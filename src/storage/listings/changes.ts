import type { Db } from '../db.ts'
import type { EventKind } from '../events.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import { eventsThat, type ListedEvent } from './events.ts'
import type { Listing } from './listing.ts'

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

/** A part of a message or of a name, and from when on. */
export type ChangeFilter = { text: string; from: Date | null }

const matching = (scope: Scope) => `${within(scope, 'e')} and ${byPeople} and (:from::timestamptz is null or e.at >= :from)
  and (:sought = '' or e.message ilike :pattern or e.who ilike :pattern)`

/** Who changed what within `scope`, the newest first. */
export const listingOfChanges = (db: Db, scope: Scope, { text, from }: ChangeFilter): Listing<ListedEvent> =>
  eventsThat(db, matching(scope), { ...scopeBindings(scope), sought: text, pattern: containing(text), from })
