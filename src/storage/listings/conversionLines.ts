import type { ConversionResult } from '../../wire/messages/conversion.ts'
import type { Db } from '../db.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import { containing } from '../pages/search.ts'
import type { Listing, Part } from './listing.ts'

export type ConversionStatus = ConversionResult['status']

/** A traditional license that a product gave up, and what the cloud made of it. The place is that of the instance, where it is still there. */
export type ListedConversionLine = {
  pollId: number
  line: number
  name: string
  productInstanceId: string
  isThere: boolean
  localVirtualAccount: string | null
  requestedAt: Date
  decidedAt: Date | null
  source: string
  traditional: string
  count: number
  status: ConversionStatus
  granted: string | null
  grantedCount: number
  message: string | null
}

export type ConversionLineFilter = { text: string; status: ConversionStatus | null }

const sort: SortColumn[] = [
  { sql: 'c.poll_id', type: 'bigint' },
  { sql: 'l.line', type: 'bigint' },
]

const key = (a: string, b: string) =>
  ['local_account_id', 'product_instance_id', 'conversion_id'].map(name => `${a}.${name} = ${b}.${name}`).join(' and ')

/** Of what has no instance any more nobody knows where it stood: it is for those who see the whole account. */
const found = (scope: Scope) => `
  from conversions c join conversion_lines l on ${key('l', 'c')}
    left join product_instances i on i.local_account_id = c.local_account_id and i.id = c.product_instance_id
    left join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
    left join entitlement_tags t on t.tag = l.granted_tag
  where c.local_account_id = :account ${scope.reach === 'all' ? '' : `and ${within(scope, 'i')}`}
    and (:status::text is null or l.status = :status)
    and (:sought = '' or c.name ilike :pattern or l.sku ilike :pattern or l.feature ilike :pattern or t.display_name ilike :pattern)`

/** The lines of the conversions within `scope`, the newest first. */
export function listingOfConversionLines(db: Db, scope: Scope, filter: ConversionLineFilter): Listing<ListedConversionLine> {
  const bindings = { ...scopeBindings(scope), sought: filter.text, pattern: containing(filter.text), status: filter.status }
  return {
    columns: sort,
    cursorOf: row => [row.pollId, row.line],
    async count() {
      const { rows } = await db.raw(`select count(*) ${found(scope)}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, true, part)
      const { rows } = await db.raw(
        `select c.poll_id as "pollId", l.line, c.name, c.product_instance_id as "productInstanceId", i.id is not null as "isThere",
                v.name as "localVirtualAccount", c.requested_at as "requestedAt", l.decided_at as "decidedAt", l.source,
                coalesce(l.feature, l.sku, l.tag, '') as traditional, l.count, l.status, coalesce(t.display_name, l.granted_tag) as granted,
                l.granted_count as "grantedCount", l.message
         ${found(scope)} and ${cut.condition} order by ${cut.order} limit :limit offset :offset`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return rows
    },
  }
}
