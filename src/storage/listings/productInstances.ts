import type { ProductInstance } from '../../rules/productInstances.ts'
import type { Db } from '../db.ts'
import { keyset } from '../pages/keyset.ts'
import { matching, type ProductInstanceFilter, productInstanceSort } from '../pages/productInstanceChoice.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import type { Listing, Part } from './listing.ts'

/** A product instance with what it uses, as the API lists it. */
export type ListedInstance = Pick<
  ProductInstance,
  | 'id'
  | 'name'
  | 'hostname'
  | 'state'
  | 'softwareTag'
  | 'productType'
  | 'udiPid'
  | 'udiSerialNumber'
  | 'devices'
  | 'exportControlled'
  | 'agentVersion'
  | 'registeredAt'
> & {
  localVirtualAccount: string
  lastContactAt: Date | null
  lastReportedAt: Date | null
  licenses: { displayName: string; tag: string; quantity: number; short: boolean }[]
}

const columns = `i.id, i.name, i.hostname, i.state, i.software_tag as "softwareTag", i.product_type as "productType", i.udi_pid as "udiPid",
  i.udi_serial_number as "udiSerialNumber", i.devices, i.export_controlled as "exportControlled", i.agent_version as "agentVersion",
  i.registered_at as "registeredAt", v.name as "localVirtualAccount", c.last_contact_at as "lastContactAt", c.last_reported_at as "lastReportedAt"`

const licenses = `(
  select coalesce(json_agg(json_build_object('displayName', t.display_name, 'tag', t.tag, 'quantity', u.quantity,
                                             'short', a.out_of_compliance_since is not null) order by t.display_name, t.id), '[]')
  from usage u join entitlement_tags t on t.id = u.tag_id
    left join authorizations a on a.local_account_id = i.local_account_id and a.local_virtual_account_id = i.local_virtual_account_id
      and a.tag_id = u.tag_id
  where u.local_account_id = i.local_account_id and u.product_instance_id = i.id)`

/** The product instances within `scope` that fit a filter, by name. */
export function listingOfProductInstances(db: Db, scope: Scope, filter: ProductInstanceFilter): Listing<ListedInstance> {
  const matches = matching(scope, filter)
  return {
    columns: productInstanceSort,
    cursorOf: row => [row.name, row.id],
    count: () => (filter.text === '' && !filter.silent ? countByCounters(db, scope, filter) : countRows(db, matches)),
    async read(part: Part) {
      const { condition, order, bindings } = keyset(productInstanceSort, filter.descending, part)
      const result = await db.raw(
        `with chosen as (
           select i.* from product_instances i where ${matches.condition} and ${condition} order by ${order} limit :limit offset :offset)
         select ${columns}, ${licenses} as licenses
         from chosen i join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
           left join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
         order by ${order}`,
        { ...matches.bindings, ...bindings, offset: part.offset },
      )
      return result.rows
    },
  }
}

async function countRows(db: Db, { condition, bindings }: ReturnType<typeof matching>): Promise<number> {
  const { rows } = await db.raw(`select count(*) from product_instances i where ${condition}`, bindings)
  return rows[0].count
}

/** Without a text, and of those in contact as of those that are not, the counters know. */
async function countByCounters(db: Db, scope: Scope, { states }: ProductInstanceFilter): Promise<number> {
  const { rows } = await db.raw(
    `select coalesce(sum(n.instances), 0)::bigint as count from product_instance_counts n
     where ${within(scope, 'n')} ${states.length > 0 ? 'and n.state = any(:states::text[])' : ''}`,
    { ...scopeBindings(scope), states },
  )
  return rows[0].count
}
