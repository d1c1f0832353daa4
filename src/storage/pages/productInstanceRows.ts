import type { ProductInstanceState } from '../../rules/productInstances.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { keyset, type Page, pageOf, type Slice } from './keyset.ts'
import { listedPlaces, type PlaceName, placeBindings } from './places.ts'
import { chooseProductInstances, type ProductInstanceFilter, productInstanceSort } from './productInstanceChoice.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

/** A row of Inventory › Product instances. */
export type ProductInstanceRow = {
  id: string
  name: string
  productType: string
  udiPid: string | null
  udiSerialNumber: string | null
  state: ProductInstanceState
  localVirtualAccountId: number
  localVirtualAccount: string
  registeredAt: Date
  lastContactAt: Date | null
  lastReportedAt: Date | null
  /** How many licenses it uses, and how many of them are out of compliance where it stands. */
  licenses: number
  licensesShort: number
}

export type ProductInstanceRows = {
  page: Page<ProductInstanceRow>
  places: PlaceName[]
  /** How many there are in each state, in the whole scope; a state without any is missing. */
  counts: Partial<Record<ProductInstanceState, number>>
  /** There are more matches of the text than were looked at. */
  capped: boolean
}

/** The columns of a `ProductInstanceRow`, from what was chosen as `i` and `productInstanceJoins`. */
export const productInstanceColumns = `i.id, i.name, i.product_type as "productType", i.udi_pid as "udiPid", i.udi_serial_number as "udiSerialNumber", i.state,
  i.local_virtual_account_id as "localVirtualAccountId", v.name as "localVirtualAccount", i.registered_at as "registeredAt",
  c.last_contact_at as "lastContactAt", c.last_reported_at as "lastReportedAt", u.licenses, u.short as "licensesShort"`

/** What belongs to each chosen instance: its place, its contact, how many licenses it uses and how many of them are short. */
export const productInstanceJoins = `join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
  left join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
  cross join lateral (
    select count(*) as licenses, count(a.out_of_compliance_since) as short
    from usage u left join authorizations a on a.local_account_id = i.local_account_id
      and a.local_virtual_account_id = i.local_virtual_account_id and a.tag_id = u.tag_id
    where u.local_account_id = i.local_account_id and u.product_instance_id = i.id) u`

/** A page of the product instances within `narrow`, the part of `scope` that a filter names. One query. */
export async function listProductInstanceRows(
  db: Db,
  scope: Scope,
  narrow: Scope,
  filter: ProductInstanceFilter,
  slice: Slice,
): Promise<ProductInstanceRows> {
  const chosen = chooseProductInstances(narrow, filter, slice)
  const { order } = keyset(productInstanceSort, filter.descending, slice)
  const result = await db.raw(
    `with ${chosen.ctes}
     select ${chosen.capped} as capped, ${listedPlaces(scope)} as places,
            (select coalesce(json_object_agg(n.state, n.instances), '{}') from (
               select n.state, sum(n.instances)::bigint as instances from product_instance_counts n
               where ${within(narrow, 'n')} group by n.state) n) as counts,
            (select coalesce(json_agg(r), '[]') from (select ${productInstanceColumns} from chosen i ${productInstanceJoins} order by ${order}) r) as rows`,
    { ...chosen.bindings, ...placeBindings(scope), ...scopeBindings(narrow) },
  )
  const { rows, ...rest } = result.rows[0]
  const found = withDates<ProductInstanceRow>(rows, 'registeredAt', 'lastContactAt', 'lastReportedAt')
  return { page: pageOf(found, slice, row => [row.name, row.id]), ...rest }
}
