import { filtersOf, listColumns, listNames, rowChoices, usualPreferences } from '../../rules/preferences.ts'
import { decodeCursor, encodeCursor, type Page, type Slice, type SortColumn } from '../../storage/pages/keyset.ts'
import type { Scope } from '../../storage/pages/scope.ts'
import { type AccountVisit, queried, type Visitor } from '../visit.ts'

/** What stands in the address of a list; what is empty is left out of it. */
export type Asked = Record<string, string>

/** How many rows a page has where its address does not say: as somebody likes it. */
const usualRows = ({ signedIn }: Visitor) => signedIn?.user.preferences.rows ?? rowChoices[0]

/** What every list reads from its address: a search, a Local Virtual Account, rows per page. */
export type ListQuestion = { search: string; place: number | undefined; size: number }

/** Reads what every list reads, from the address or as it is `given`; what does not fit is as if it were not there. */
export function readQuestion(visit: Visitor, given = (name: string) => queried(visit, name)): ListQuestion {
  const place = Number(given('place'))
  const size = Number(given('rows'))
  return {
    search: (given('search') ?? '').replaceAll('\0', '').trim().slice(0, 100),
    place: Number.isInteger(place) && place > 0 && place < 2 ** 31 ? place : undefined,
    size: rowChoices.find(choice => choice === size) ?? usualRows(visit),
  }
}

/** A value of the query, if it is one of those that are allowed. */
export const oneOf = <T extends string>(visit: Visitor, name: string, allowed: readonly T[]): T | undefined =>
  allowed.find(value => value === queried(visit, name))

/** Which slice is asked for: after or before a row, or from the start. */
export const readSlice = (visit: Visitor, columns: SortColumn[], size: number): Slice => ({
  size,
  after: decodeCursor(queried(visit, 'after'), columns),
  before: decodeCursor(queried(visit, 'before'), columns),
})

/** What of the account this visit may show. */
export const scopeOf = ({ account, reach }: AccountVisit): Scope => ({ localAccountId: account.id, reach })

/** An address with these values in its query. */
export function addressOf(path: string, asked: Asked): string {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''))
  return query.size > 0 ? `${path}?${query}` : path
}

/** What somebody chose of a list, which the last part of its address names: the columns that stand, and the filters that are saved. */
function choicesOf({ signedIn }: Visitor, path: string) {
  const [account = '', name] = path.split('/').slice(2)
  const list = listNames.find(one => one === name)
  const preferences = signedIn?.user.preferences ?? usualPreferences
  const hidden = list ? (preferences.hidden[list] ?? []) : []
  return {
    name: list,
    columns: list ? listColumns[list].map(([column, heading]) => ({ column, heading, shown: !hidden.includes(column) })) : [],
    shows: (column: string) => !hidden.includes(column),
    saved: list ? filtersOf(preferences, account, list).map(({ name, query }) => ({ name, address: `${path}?${query}` })) : [],
  }
}

/** What a list's template is given beside its rows. */
export type ListModel = ReturnType<typeof listModel>

/**
 * The addresses around a page of a list: its own, for asking again; its neighbours'; and `link`, which changes what is asked and begins
 * again at the start.
 */
export function listModel(visit: Visitor, path: string, asked: Asked, slice: Slice, page: Page<unknown>) {
  const { rows } = page
  const usual = usualRows(visit)
  const kept = { ...asked, rows: slice.size === usual ? '' : String(slice.size) }
  const at = (place: Asked) => addressOf(path, { ...kept, ...place })
  const text = (name: 'after' | 'before') => queried(visit, name) ?? ''
  return {
    path,
    asked: kept,
    address: at({ after: slice.after ? text('after') : '', before: slice.before ? text('before') : '' }),
    next: page.next && at({ after: encodeCursor(page.next) }),
    previous: page.previous && at({ before: encodeCursor(page.previous) }),
    first: slice.after || slice.before ? at({}) : '',
    size: slice.size,
    usual,
    ...choicesOf(visit, path),
    rowChoices: [...rowChoices].sort((a, b) => a - b),
    filtered: Object.entries(asked).some(([name, value]) => value !== '' && !['sort', 'order'].includes(name)),
    isEmpty: rows.length === 0,
    link: (changes: Asked) => at(changes),
    without: (name: string) => at({ [name]: '' }),
    /** The page of an act on all that is asked for. */
    batch: (act: string) => addressOf(act, { ...asked, sort: '', order: '' }),
    file: (kind: string) => addressOf(`${path}.${kind}`, { ...kept, rows: '' }),
  }
}
