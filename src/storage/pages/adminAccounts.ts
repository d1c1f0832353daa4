import type { LocalAccountState } from '../../rules/accounts.ts'
import type { ExchangeState } from '../../rules/exchanges.ts'
import type { Db } from '../db.ts'

/** A row of the Admin workspace's list of accounts. `latest` is how the last exchange with the cloud stands or ended. */
export type AdminAccount = {
  id: number
  uuid: string
  name: string
  state: LocalAccountState
  smartAccount: string
  virtualAccount: string
  lastSynchronizedAt: Date | null
  nextSynchronizationAt: Date | null
  products: number
  latest: ExchangeState | null
}

/** Local Accounts whose name, Smart Account or Virtual Account contains `search`, by name, from the one after `after` on. */
export async function listAdminAccounts(
  db: Db,
  { search, after, limit }: { search: string; after: string; limit: number },
): Promise<AdminAccount[]> {
  const { rows } = await db.raw(
    `select l.id, l.uuid, l.name, l.state, l.smart_account_name as "smartAccount", l.virtual_account_name as "virtualAccount",
            l.last_synchronized_at as "lastSynchronizedAt", l.next_synchronization_at as "nextSynchronizationAt",
            coalesce((select sum(a.instances)::bigint from authorizations a where a.local_account_id = l.id), 0) as products,
            (select s.state from synchronizations s where s.local_account_id = l.id order by s.id desc limit 1) as latest
     from local_accounts l
     where lower(l.name) > lower(:after)
       and (:search = '' or strpos(lower(l.name || ' ' || l.smart_account_name || ' ' || l.virtual_account_name), lower(:search)) > 0)
     order by lower(l.name) limit :limit`,
    { search, after, limit },
  )
  return rows
}

/** How many products an account has, and how many of them in how many Local Virtual Accounts. */
export async function findAccountNumbers(
  db: Db,
  localAccountId: number,
): Promise<{ products: number; instances: number; localVirtualAccounts: number; openAlerts: number }> {
  const { rows } = await db.raw(
    `select (select coalesce(sum(instances), 0)::bigint from authorizations where local_account_id = :id) as products,
            (select count(*) from product_instances where local_account_id = :id) as instances,
            (select count(*) from local_virtual_accounts where local_account_id = :id) as "localVirtualAccounts",
            (select count(*) from alerts where local_account_id = :id and cleared_at is null) as "openAlerts"`,
    { id: localAccountId },
  )
  return rows[0]
}
