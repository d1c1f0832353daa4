import type { Db } from '../db.ts'
import type { Scope } from './scope.ts'

/** What two Local Virtual Accounts have of one license. */
export type Holding = { purchased: number; inUse: number; balance: number }

/** A license that one Local Virtual Account could give to another. */
export type LicenseHolding = { tagId: number; tag: string; displayName: string; from: Holding; to: Holding }

/** A form offers no more licenses than this. */
const most = 300

const holding = (alias: string) =>
  `json_build_object('purchased', coalesce(${alias}.purchased, 0), 'inUse', coalesce(${alias}.in_use, 0), 'balance', coalesce(${alias}.balance, 0))`

/** The licenses that `from` holds, by name, and what `to` has of them; of some tags alone, where they are given. One query. */
export async function listLicenseHoldings(
  db: Db,
  { localAccountId }: Scope,
  { from, to, tagIds }: { from: number; to: number; tagIds?: number[] },
): Promise<LicenseHolding[]> {
  const result = await db.raw(
    `select t.id as "tagId", t.tag, t.display_name as "displayName", ${holding('f')} as "from", ${holding('o')} as "to"
     from authorizations f join entitlement_tags t on t.id = f.tag_id
       left join authorizations o on o.local_account_id = f.local_account_id and o.local_virtual_account_id = :to and o.tag_id = f.tag_id
     where f.local_account_id = :account and f.local_virtual_account_id = :from and f.purchased > 0
       and (:tags::integer[] is null or f.tag_id = any(:tags::integer[]))
     order by t.display_name, t.id limit ${most}`,
    { account: localAccountId, from, to, tags: tagIds ?? null },
  )
  return result.rows
}
