import { eventLogColumns } from '../../licensing/reports/changes.ts'
import type { FileKind } from '../../rules/tables.ts'
import { listingOfEventLog } from '../../storage/listings/events.ts'
import { partsOf } from '../../storage/listings/listing.ts'
import { listEventRows } from '../../storage/pages/eventRows.ts'
import { encodeCursor, type SortColumn } from '../../storage/pages/keyset.ts'
import { narrowed } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { goTo, show } from '../render.ts'
import type { AccountVisit } from '../visit.ts'
import { accountEventKinds, eventTones } from './eventKinds.ts'
import { sendFile } from './files.ts'
import { listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = { page: 'licensing/events/index.njk', fragment: 'licensing/events/_table.njk' }
const byId: SortColumn[] = [{ sql: 'e.id', type: 'bigint' }]

/** What somebody asks of the event log: the same for the page and for the file. */
function readEventQuestion(visit: AccountVisit) {
  const question = readQuestion(visit)
  const kind = oneOf(visit, 'kind', accountEventKinds)
  const narrow = narrowed(scopeOf(visit), question.place)
  return { question, kind, narrow, filter: { kind: kind ?? null, text: question.search } }
}

/** The event log, as it is filtered, as a file. */
export const eventsFile =
  (fileKind: FileKind) =>
  (visit: AccountVisit): Promise<void> => {
    const { narrow, filter } = readEventQuestion(visit)
    return sendFile(visit, fileKind, 'events', eventLogColumns, partsOf(listingOfEventLog(visit.context.storage.pages, narrow, filter)))
  }

/** Inventory › Event log. */
export async function eventsPage(visit: AccountVisit): Promise<void> {
  const { question, kind, narrow, filter } = readEventQuestion(visit)
  const slice = readSlice(visit, byId, question.size)
  const found = await listEventRows(visit.context.storage.pages, scopeOf(visit), narrow, filter, slice)
  const asked = { search: question.search, place: String(question.place ?? ''), kind: kind ?? '' }
  const list = listModel(visit, paths.licensing.events(visit.account.uuid), asked, slice, found.page)
  if (list.isEmpty && list.first && !found.searchedTo) return goTo(visit, list.first)
  const further = found.searchedTo && { at: found.searchedTo.at, address: list.link({ after: encodeCursor([found.searchedTo.id]) }) }
  show(visit, view, { list, rows: found.page.rows, places: found.places, question, kind, further, kinds: accountEventKinds, eventTones })
}
