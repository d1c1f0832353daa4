import type { AlertMail } from './alertMail.ts'
import { refuseUnless } from './refusal.ts'

/** How many rows a page of a list may have; the first is what nobody asked for. */
export const rowChoices = [50, 20, 100] as const
export type RowChoice = (typeof rowChoices)[number]

/** Where the Licensing workspace begins, by the last part of the page's address. */
export const landings = ['overview', 'alerts', 'licenses', 'product-instances', 'tokens', 'reports'] as const
export type Landing = (typeof landings)[number]

/** How times are written: as the browser does by itself, or as somewhere. `sv` writes 2026-11-25 14:30. */
export const dateForms = ['', 'sv', 'en-GB', 'en-US', 'de', 'fr', 'ja'] as const
export type DateForm = (typeof dateForms)[number]

/** The columns of each list that may be hidden: the name in the template, and the heading. */
export const listColumns = {
  licenses: [
    ['billing', 'Billing'],
    ['purchased', 'Purchased'],
    ['inUse', 'In use'],
    ['substitution', 'Substitution'],
    ['balance', 'Balance'],
    ['standing', 'Standing'],
  ],
  'product-instances': [
    ['productType', 'Product type'],
    ['state', 'State'],
    ['place', 'Local Virtual Account'],
    ['licenses', 'Licenses'],
    ['contact', 'Last contact'],
  ],
  tokens: [
    ['place', 'Local Virtual Account'],
    ['state', 'State'],
    ['ends', 'Ends'],
    ['uses', 'Uses'],
    ['exportControlled', 'Export-controlled'],
    ['created', 'Created'],
  ],
  events: [
    ['kind', 'Kind'],
    ['who', 'Who'],
    ['place', 'Local Virtual Account'],
  ],
} as const satisfies Record<string, readonly (readonly [string, string])[]>
export type ListName = keyof typeof listColumns
export const listNames = Object.keys(listColumns) as ListName[]

/** A filter that somebody saved: of one list of one account, as its address has it after the question mark. */
export type SavedFilter = { account: string; list: ListName; name: string; query: string }

/** So many filters somebody may save. */
export const savedFiltersAtMost = 50

/** How somebody likes their pages. An empty `zone` is the browser's. */
export type Preferences = {
  zone: string
  dates: DateForm
  rows: RowChoice
  landing: Landing
  hidden: Partial<Record<ListName, string[]>>
  filters: SavedFilter[]
  /** Of which alerts somebody wants mail, by the uuid of the account. */
  mail: Record<string, AlertMail>
}

export const usualPreferences: Preferences = { zone: '', dates: '', rows: 50, landing: 'overview', hidden: {}, filters: [], mail: {} }

/** Refuses a time zone that is none; an empty one is the browser's. Gives it. */
export function checkZone(zone: string): string {
  const known = zone === '' || isZone(zone)
  refuseUnless(known, 'INVALID', 'Give a time zone such as Europe/Zurich or UTC, or leave it empty for that of your browser.', 'zone')
  return zone
}

function isZone(zone: string): boolean {
  try {
    return zone.length <= 64 && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Hides every column of a list but those that are ticked. The first of each list, which names the row, always stands. */
export function withColumns(preferences: Preferences, list: ListName, shown: readonly string[]): Preferences {
  const hidden = listColumns[list].map(([name]) => name as string).filter(name => !shown.includes(name))
  return { ...preferences, hidden: { ...preferences.hidden, [list]: hidden } }
}

/** Saves a filter under a name; one that is called so in the same list is replaced. Refuses one without a name, and more than anybody needs. */
export function withFilter(preferences: Preferences, filter: SavedFilter): Preferences {
  const saved = { ...filter, name: filter.name.trim() }
  refuseUnless(saved.name.length >= 1 && saved.name.length <= 60, 'INVALID', 'Give the filter a name of 1 to 60 characters.', 'name')
  refuseUnless(saved.query !== '' && saved.query.length <= 500, 'INVALID', 'Filter the list first, then save the filter.')
  const others = withoutFilter(preferences, saved).filters
  refuseUnless(others.length < savedFiltersAtMost, 'TOO_MANY', `${savedFiltersAtMost} filters are saved already. Remove one first.`)
  return { ...preferences, filters: [...others, saved] }
}

type FilterKey = Pick<SavedFilter, 'account' | 'list' | 'name'>

/** Forgets a saved filter; one that is not there changes nothing. */
export const withoutFilter = (preferences: Preferences, { account, list, name }: FilterKey): Preferences => ({
  ...preferences,
  filters: preferences.filters.filter(one => one.account !== account || one.list !== list || one.name !== name),
})

/** The saved filters of one list of an account, by name. */
export const filtersOf = ({ filters }: Preferences, account: string, list: ListName): SavedFilter[] =>
  filters.filter(one => one.account === account && one.list === list).sort((a, b) => a.name.localeCompare(b.name))
