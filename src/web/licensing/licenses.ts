import { type LicenseFilter, type LicenseSort, licenseSortColumns, licenseSorts, listLicenseRows } from '../../storage/pages/licenseRows.ts'
import { narrowed, type Scope } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { goTo, show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { type Asked, type ListQuestion, listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = { page: 'licensing/licenses/index.njk', fragment: 'licensing/licenses/_table.njk' }
const sorts = Object.keys(licenseSorts) as LicenseSort[]

/** What somebody asks of the list of licenses: the same for the page and for the file. */
export type LicenseQuestion = { question: ListQuestion; filter: LicenseFilter; narrow: Scope; asked: Asked }

/** Reads it from the address. */
export function readLicenseQuestion(visit: AccountVisit): LicenseQuestion {
  const question = readQuestion(visit)
  const sort = oneOf(visit, 'sort', sorts) ?? 'name'
  const descending = queried(visit, 'order') === 'desc'
  const onlyShort = queried(visit, 'short') === 'on'
  return {
    question,
    filter: { text: question.search, onlyShort, sort, descending },
    narrow: narrowed(scopeOf(visit), question.place),
    asked: {
      search: question.search,
      place: String(question.place ?? ''),
      short: onlyShort ? 'on' : '',
      sort: sort === 'name' ? '' : sort,
      order: descending ? 'desc' : '',
    },
  }
}

/** Inventory › Licenses. */
export async function licensesPage(visit: AccountVisit): Promise<void> {
  const { question, filter, narrow, asked } = readLicenseQuestion(visit)
  const path = paths.licensing.licenses(visit.account.uuid)
  const slice = readSlice(visit, licenseSortColumns(filter.sort), question.size)
  const found = await listLicenseRows(visit.context.storage.pages, scopeOf(visit), narrow, filter, slice, visit.now)
  const list = listModel(visit, path, asked, slice, found.page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  show(visit, view, { list, rows: found.page.rows, places: found.places, question, onlyShort: filter.onlyShort })
}
