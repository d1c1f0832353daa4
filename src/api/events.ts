import { z } from 'zod'
import { csvLine } from '../rules/csv.ts'
import { type EventListFilter, type ListedEvent, listingOfEvents } from '../storage/listings/events.ts'
import { partsOf } from '../storage/listings/listing.ts'
import { moment, placeNames, text, written } from './fields.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { narrowTo } from './places.ts'
import { inAccount, type Route } from './route.ts'
import { Outcome } from './send.ts'

const event = z.object({
  eventId: z.int(),
  date: moment,
  kind: z.string(),
  message: z.string(),
  who: z.string(),
  source: z.string().nullable(),
  virtualAccount: z.string().nullable(),
  productInstanceId: z.uuid().nullable(),
  entitlementTag: z.string().nullable(),
})

const eventEntry = (found: ListedEvent): z.input<typeof event> => ({
  eventId: found.id,
  date: written(found.at),
  kind: found.kind,
  message: found.message,
  who: found.who,
  source: found.source,
  virtualAccount: found.localVirtualAccount,
  productInstanceId: found.productInstanceId,
  entitlementTag: found.tag,
})

/** A moment of a query. Years that PostgreSQL does not know are none. */
const when = z.iso.datetime({ offset: true, error: 'Must be a moment such as 2026-03-01T12:00:00Z.' }).transform(given => new Date(given))

export const eventRoutes: Route[] = [
  inAccount({
    method: 'get',
    path: '/api/v1/accounts/{account}/events',
    operation: 'listEvents',
    tag: 'Alerts and events',
    summary: 'List events, the newest first, as JSON or as CSV',
    scope: 'read',
    act: 'see licenses',
    query: z.object({
      virtualAccounts: placeNames.optional(),
      kind: text(100).optional(),
      from: when.optional(),
      to: when.optional(),
      ...paging,
    }),
    answer: z.object({ events: z.array(event), ...listAnswer }),
    async handle({ context, scope, query, prefers }) {
      const db = context.storage.pages
      const filter: EventListFilter = { kind: query.kind || null, from: query.from ?? null, to: query.to ?? null }
      const listing = listingOfEvents(db, await narrowTo(db, scope, query.virtualAccounts), filter)
      if (prefers('application/json', 'text/csv') === 'application/json') return answerList('events', listing, query, eventEntry)
      return new Outcome(200, csv(partsOf(listing, query)), 'text/csv; charset=utf-8')
    },
  }),
]

async function* csv(parts: AsyncIterable<ListedEvent[]>): AsyncGenerator<string> {
  yield csvLine(Object.keys(event.shape))
  for await (const rows of parts) yield rows.map(row => csvLine(Object.values(eventEntry(row)))).join('')
}
