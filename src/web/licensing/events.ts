import { listEventRows } from '../../storage/pages/eventRows.ts'
import { encodeCursor, type SortColumn } from '../../storage/pages/keyset.ts'
import { narrowed } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { goTo, show } from '../render.ts'
import type { AccountVisit } from '../visit.ts'
import { accountEventKinds, eventTones } from './eventKinds.ts'
import { listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = { page: 'licensing/events/index.njk', fragment: 'licensing/events/_table.njk' }
const byId: SortColumn[] = [{ sql: 'e.id', type: 'bigint' }]

/** Inventory › Event log. */
export async function eventsPage(visit: AccountVisit): Promise<void> {
  const question = readQuestion(visit)
  const kind = oneOf(visit, 'kind', accountEventKinds)
  const slice = readSlice(visit, byId, question.size)
  const scope = scopeOf(visit)
  const filter = { kind: kind ?? null, text: question.search }
  const found = await listEventRows(visit.context.storage.pages, scope, narrowed(scope, question.place), filter, slice)
  const asked = { search: question.search, place: String(question.place ?? ''), kind: kind ?? '' }
  const list = listModel(visit, paths.licensing.events(visit.account.uuid), asked, slice, found.page)
  if (list.isEmpty && list.first && !found.searchedTo) return goTo(visit, list.first)
  const further = found.searchedTo && { at: found.searchedTo.at, address: list.link({ after: encodeCursor([found.searchedTo.id]) }) }
  show(visit, view, { list, rows: found.page.rows, places: found.places, question, kind, further, kinds: accountEventKinds, eventTones })
}
