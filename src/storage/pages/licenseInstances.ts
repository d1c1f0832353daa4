import type { ProductInstanceState } from '../../rules/productInstances.ts'
import type { Db } from '../db.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { type Scope, scopeBindings, within } from './scope.ts'
import { mostSorted } from './shortageFacts.ts'

/** A product instance that uses a license, and how many. */
export type LicenseInstance = {
  id: string
  name: string
  productType: string
  state: ProductInstanceState
  localVirtualAccount: string
  quantity: number
  lastContactAt: Date | null
  short: boolean
}

const byId: SortColumn = { sql: 'u.product_instance_id', type: 'uuid' }
const sorts = {
  quantity: { columns: [{ sql: 'u.quantity', type: 'bigint' }, byId], descending: true },
  name: { columns: [{ sql: 'i.name', type: 'text' }, byId], descending: false },
  newest: { columns: [byId], descending: true },
} as const satisfies Record<string, { columns: SortColumn[]; descending: boolean }>

/** The largest first, by name, or the latest registered first (an identifier begins with the time it was made at). */
export type LicenseInstanceSort = keyof typeof sorts

/**
 * How the users of a license are sorted. Quantities change with every report and stand in no index, and names stand in one of the account, not
 * of the tag: so these orders can be had only where there are few enough to sort. Of more, the latest come first.
 */
export const licenseInstanceSort = (wanted: 'quantity' | 'name', instances: number): LicenseInstanceSort =>
  instances > mostSorted ? 'newest' : wanted

/** The columns of a sort, for reading a cursor. */
export const licenseInstanceColumns = (sort: LicenseInstanceSort): SortColumn[] => [...sorts[sort].columns]

/** A page of the instances within `scope` that use a tag. One query. */
export async function listLicenseInstances(
  db: Db,
  scope: Scope,
  tagId: number,
  sort: LicenseInstanceSort,
  slice: Slice,
): Promise<Page<LicenseInstance>> {
  const { condition, order, bindings } = keyset([...sorts[sort].columns], sorts[sort].descending, slice)
  const result = await db.raw(
    `select i.id, i.name, i.product_type as "productType", i.state, v.name as "localVirtualAccount", u.quantity,
            c.last_contact_at as "lastContactAt", a.out_of_compliance_since is not null as short
     from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id
       join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
       left join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
       left join authorizations a on a.local_account_id = i.local_account_id and a.local_virtual_account_id = i.local_virtual_account_id
         and a.tag_id = u.tag_id
     where u.local_account_id = :account and u.tag_id = :tag and ${within(scope, 'u')} and ${condition}
     order by ${order} limit :limit`,
    { ...bindings, ...scopeBindings(scope), tag: tagId },
  )
  return pageOf<LicenseInstance>(result.rows, slice, row => cursorOf(row, sort))
}

function cursorOf(row: LicenseInstance, sort: LicenseInstanceSort) {
  if (sort === 'newest') return [row.id]
  return [sort === 'name' ? row.name : row.quantity, row.id]
}
