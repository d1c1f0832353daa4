import type { Db } from '../db.ts'
import type { EventKind } from '../events.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import { byPeople } from './changes.ts'
import { eventsThat, type ListedEvent } from './events.ts'
import type { Listing } from './listing.ts'

/** What makes licenses come, go or move. */
export const transactionKinds = [
  'entitlements changed',
  'licenses transferred',
  'product instance transferred',
  'product instance removed',
  'conversion',
] as const satisfies EventKind[]
export type TransactionKind = (typeof transactionKinds)[number]

/** One kind, or all; and a part of a message or of a name. */
export type TransactionFilter = { kind: TransactionKind | null; text: string }

// `byPeople` adds nothing to the kinds: it lets the database take the index of that name.
const matching = (scope: Scope) => `${within(scope, 'e')} and ${byPeople} and e.kind = any(:kinds::text[])
  and (:sought = '' or e.message ilike :pattern or e.who ilike :pattern)`

/** "License transactions (what came, went, moved, why)" within `scope`, the newest first. */
export const listingOfTransactions = (db: Db, scope: Scope, { kind, text }: TransactionFilter): Listing<ListedEvent> =>
  eventsThat(db, matching(scope), {
    ...scopeBindings(scope),
    kinds: kind ? [kind] : [...transactionKinds],
    sought: text,
    pattern: containing(text),
  })
