import { contactStanding } from '../../rules/lifetimes.ts'
import type { ProductInstanceState } from '../../rules/productInstances.ts'
import { type ProductInstanceFilter, productInstanceSort } from '../../storage/pages/productInstanceChoice.ts'
import { listProductInstanceRows } from '../../storage/pages/productInstanceRows.ts'
import { narrowed, type Scope } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { goTo, show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { type Asked, type ListQuestion, listModel, readQuestion, readSlice, scopeOf } from './list.ts'

const view = { page: 'licensing/productInstances/index.njk', fragment: 'licensing/productInstances/_table.njk' }
const states: ProductInstanceState[] = ['REGISTERED', 'PENDING_ACK', 'EXPIRED']

/** What somebody asks of the list of product instances: the same for the page and for the file. */
export type InstanceQuestion = { question: ListQuestion; filter: ProductInstanceFilter; narrow: Scope; asked: Asked }

/** Reads it from the address, or as it is `given`. */
export function readInstanceQuestion(visit: AccountVisit, given = (name: string) => queried(visit, name)): InstanceQuestion {
  const question = readQuestion(visit, given)
  const state = states.find(one => one === given('state'))
  const descending = given('order') === 'desc'
  const silent = given('contact') === 'failed'
  return {
    question,
    filter: { states: state ? [state] : [], text: question.search, descending, silent },
    narrow: narrowed(scopeOf(visit), question.place),
    asked: {
      search: question.search,
      place: String(question.place ?? ''),
      state: state ?? '',
      contact: silent ? 'failed' : '',
      order: descending ? 'desc' : '',
    },
  }
}

/** Inventory › Product instances. */
export async function productInstancesPage(visit: AccountVisit): Promise<void> {
  const { question, filter, narrow, asked } = readInstanceQuestion(visit)
  const path = paths.licensing.productInstances(visit.account.uuid)
  const slice = readSlice(visit, productInstanceSort, question.size)
  const found = await listProductInstanceRows(visit.context.storage.pages, scopeOf(visit), narrow, filter, slice)
  const list = listModel(visit, path, asked, slice, found.page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  const rows = found.page.rows.map(row => ({
    ...row,
    contact: contactStanding(row.lastReportedAt ?? undefined, row.registeredAt, visit.now),
  }))
  const total = states.reduce((sum, state) => sum + (found.counts[state] ?? 0), 0)
  show(visit, view, { list, rows, states, total, counts: found.counts, places: found.places, capped: found.capped, question })
}
