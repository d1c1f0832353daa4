import type { LocalVirtualAccount } from '../../rules/accounts.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { type Scope, scopeBindings, within } from './scope.ts'
import { containing } from './search.ts'

/** A row of the list of Local Virtual Accounts: what it is, and what it holds. */
export type LocalVirtualAccountRow = LocalVirtualAccount & {
  instances: number
  /** Of how many tags it holds or uses licenses, how many it holds of all of them, and how many tags are short. */
  licenses: number
  purchased: number
  short: number
}

/** Default first, then by name, which no two of an account share. */
export const localVirtualAccountSort: SortColumn[] = [
  { sql: '(not v.is_default)::integer', type: 'integer' },
  { sql: 'lower(v.name)', type: 'text' },
]

/** A page of the Local Virtual Accounts of a scope whose name has `text` in it. One query. */
export async function listLocalVirtualAccountRows(db: Db, scope: Scope, text: string, slice: Slice): Promise<Page<LocalVirtualAccountRow>> {
  const { condition, order, bindings } = keyset(localVirtualAccountSort, false, slice)
  const result = await db.raw(
    `with listed as (
       select v.* from local_virtual_accounts v
       where ${within(scope, 'v', 'id')} and (:sought = '' or v.name ilike :pattern) and ${condition} order by ${order} limit :limit)
     select v.local_account_id as "localAccountId", v.id, v.name, v.description, v.is_default as "isDefault", v.is_public as "isPublic",
            v.created_at as "createdAt", n.instances, a.*
     from listed v
       cross join lateral (
         select coalesce(sum(n.instances), 0)::bigint as instances from product_instance_counts n
         where n.local_account_id = v.local_account_id and n.local_virtual_account_id = v.id) n
       cross join lateral (
         select count(*) filter (where a.purchased > 0 or a.in_use > 0) as licenses, coalesce(sum(a.purchased), 0)::bigint as purchased,
                count(a.out_of_compliance_since) as short
         from authorizations a where a.local_account_id = v.local_account_id and a.local_virtual_account_id = v.id) a
     order by ${order}`,
    { ...bindings, ...scopeBindings(scope), sought: text, pattern: containing(text) },
  )
  const rows = withDates<LocalVirtualAccountRow>(result.rows, 'createdAt')
  return pageOf(rows, slice, row => [row.isDefault ? 0 : 1, row.name.toLowerCase()])
}
