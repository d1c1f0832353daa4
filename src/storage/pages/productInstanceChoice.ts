import type { ProductInstanceState } from '../../rules/productInstances.ts'
import { keyset, type Slice, type SortColumn } from './keyset.ts'
import { type Scope, scopeBindings, within } from './scope.ts'
import { searchPatterns } from './search.ts'

/**
 * What a list of product instances is narrowed to. `text` is part of a name, a serial number or a product identifier; `silent`: only those that
 * have not reported for longer than they should have, as the last hourly look found.
 */
export type ProductInstanceFilter = { states: ProductInstanceState[]; text: string; descending: boolean; silent?: boolean }

const isSilent = `exists (select 1 from silent_product_instances s where s.local_account_id = i.local_account_id and s.product_instance_id = i.id)`

/** The columns product instances are sorted by: by name, and where names are alike by their identifier. */
export const productInstanceSort: SortColumn[] = [
  { sql: 'i.name', type: 'text' },
  { sql: 'i.id', type: 'uuid' },
]

/** The same words as the index product_instances_search. */
const searched = `(i.name || ' ' || coalesce(i.udi_serial_number, '') || ' ' || coalesce(i.udi_pid, ''))`

/** A search first looks at this many rows in the order of the list: whatever is common is found there. */
const nearRows = 1000
/** What is not, comes from the index, of which no more is taken than this. */
export const mostMatches = 500

/** `ctes` ends with `chosen`; `capped` is an expression over them: whether there may be matches that were not looked at. */
type Choice = { ctes: string; capped: string; bindings: Record<string, unknown> }

/**
 * The query that chooses a slice of product instances, by a way whose cost does not depend on how many the account has: in the order of an
 * index; or, with a filter, the first rows of each range of places and states; or, with a text, by `search`. Those that are silent have a list
 * of their own.
 */
export function chooseProductInstances(scope: Scope, filter: ProductInstanceFilter, slice: Slice): Choice {
  if (filter.text !== '') return search(scope, filter, slice)
  const { condition, order, bindings } = keyset(productInstanceSort, filter.descending, slice)
  if (filter.silent) {
    const matches = matching(scope, { ...filter, silent: false })
    const listed = `select i.* from silent_product_instances q
      join product_instances i on i.local_account_id = q.local_account_id and i.id = q.product_instance_id
      where q.local_account_id = :account and ${matches.condition} and ${condition} order by ${order} limit :limit`
    return { ctes: `chosen as (${listed})`, capped: 'false', bindings: { ...bindings, ...matches.bindings } }
  }
  const everything = scope.reach === 'all' && filter.states.length === 0
  const chosen = everything
    ? `select i.* from product_instances i where i.local_account_id = :account and ${condition} order by ${order} limit :limit`
    : `select i.* from local_virtual_accounts v cross join ${statesOf(filter)} as s (state) cross join lateral (
         select i.* from product_instances i
         where i.local_account_id = v.local_account_id and i.local_virtual_account_id = v.id and i.state = s.state and ${condition}
         order by ${order} limit :limit) i
       where ${within(scope, 'v', 'id')} order by ${order} limit :limit`
  return { ctes: `chosen as (${chosen})`, capped: 'false', bindings: { ...bindings, ...scopeBindings(scope), states: filter.states } }
}

const statesOf = (filter: ProductInstanceFilter) =>
  filter.states.length > 0 ? 'unnest(:states::text[])' : `unnest(array['PENDING_ACK', 'REGISTERED', 'EXPIRED'])`

/** The condition that a row fits the filter within the scope, with its bindings: for a search, and for an export, which leaves nothing out. */
export function matching(scope: Scope, filter: ProductInstanceFilter) {
  const patterns = filter.text === '' ? [] : searchPatterns(filter.text)
  const found = patterns.map((_, index) => `${searched} ilike :pattern${index}`).join(' or ')
  const parts = [
    within(scope, 'i'),
    ...(filter.states.length > 0 ? ['i.state = any(:states::text[])'] : []),
    ...(filter.silent ? [isSilent] : []),
    ...(found ? [`(${found})`] : []),
  ]
  const named = Object.fromEntries(patterns.map((pattern, index) => [`pattern${index}`, pattern]))
  return { condition: parts.join(' and '), bindings: { ...scopeBindings(scope), states: filter.states, ...named } }
}

/**
 * A text is looked for among the next rows of the list, and only where these do not fill the page, by trigrams in the whole account. The
 * second way takes the first five hundred matches that the index gives, so that a word that half the fleet carries costs no more; a text without
 * a letter or a digit has no trigram, and goes the first way alone.
 */
function search(scope: Scope, filter: ProductInstanceFilter, slice: Slice): Choice {
  const { condition, order, bindings } = keyset(productInstanceSort, filter.descending, slice)
  const matches = matching(scope, filter)
  const byTrigrams = /[\p{L}\p{N}]/u.test(filter.text) ? '(select count(*) from near) < :limit' : 'false'
  return {
    ctes: `
      near as materialized (
        select i.* from (select * from product_instances i where i.local_account_id = :account and ${condition}
                         order by ${order} limit ${nearRows}) i
        where ${matches.condition} order by ${order} limit :limit),
      far as materialized (
        select i.* from product_instances i where ${byTrigrams} and ${matches.condition} and ${condition} limit ${mostMatches}),
      chosen as (
        select i.* from (select * from near union select * from far) i order by ${order} limit :limit)`,
    capped: `(select count(*) from far) = ${mostMatches}`,
    bindings: { ...bindings, ...matches.bindings },
  }
}
