import { type AccessRequest, accessRequest } from '../accessRequests.ts'
import type { Db } from '../db.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'

/** The newest first. */
export const accessRequestSort: SortColumn[] = [{ sql: 'a.id', type: 'bigint' }]

/** A page of an account's requests for access: those that wait, or those that are decided. One query. */
export async function listAccessRequestRows(db: Db, localAccountId: number, waiting: boolean, slice: Slice): Promise<Page<AccessRequest>> {
  const cut = keyset(accessRequestSort, true, slice)
  const { rows } = await db.raw(
    `${accessRequest} where a.local_account_id = :account and a.decision is ${waiting ? '' : 'not '}null and ${cut.condition}
     order by ${cut.order} limit :limit`,
    { account: localAccountId, ...cut.bindings },
  )
  return pageOf(rows as AccessRequest[], slice, row => [row.id])
}
