import type { LocalAccountState } from '../../rules/accounts.ts'
import type { ExchangeCarrier, ExchangeState } from '../../rules/exchanges.ts'
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
  carrier: ExchangeCarrier | null
  requestedBy: string
  requestedAt: Date
  message: string | null
  decidedAt: Date | null
  decidedBy: string | null
  decisionReason: string | null
}

/** Local Accounts in some states whose name, Smart Account or Virtual Account contains `search`, by name, from the one after `after` on. */
export async function listAdminAccounts(
  db: Db,
  { states, search, after, limit }: { states: LocalAccountState[]; search: string; after: string; limit: number },
): Promise<AdminAccount[]> {
  const { rows } = await db.raw(
    `select l.id, l.uuid, l.name, l.state, l.smart_account_name as "smartAccount", l.virtual_account_name as "virtualAccount",
            l.last_synchronized_at as "lastSynchronizedAt", l.next_synchronization_at as "nextSynchronizationAt",
            coalesce((select sum(a.instances)::bigint from authorizations a where a.local_account_id = l.id), 0) as products,
            l.requested_by as "requestedBy", l.requested_at as "requestedAt", l.message, l.decided_at as "decidedAt",
            l.decided_by as "decidedBy", l.decision_reason as "decisionReason", x.state as latest, x.carrier
     from local_accounts l
     left join lateral (select state, carrier from synchronizations s where s.local_account_id = l.id order by s.id desc limit 1) x on true
     where l.state = any(:states) and lower(l.name) > lower(:after)
       and (:search = '' or strpos(lower(l.name || ' ' || l.smart_account_name || ' ' || l.virtual_account_name), lower(:search)) > 0)
     order by lower(l.name) limit :limit`,
    { states, search, after, limit },
  )
  return rows
}

/** How many products an account has, and how many of them in how many Local Virtual Accounts. */
export type AccountNumbers = { products: number; instances: number; localVirtualAccounts: number; openAlerts: number }

/** The query of an account's numbers; its binding is `id`. */
export const accountNumbers = `
  select (select coalesce(sum(instances), 0)::bigint from authorizations where local_account_id = :id) as products,
         (select coalesce(sum(instances), 0)::bigint from product_instance_counts where local_account_id = :id) as instances,
         (select count(*) from local_virtual_accounts where local_account_id = :id) as "localVirtualAccounts",
         (select count(*) from alerts where local_account_id = :id and cleared_at is null) as "openAlerts"`

/** An account's numbers. */
export async function findAccountNumbers(db: Db, localAccountId: number): Promise<AccountNumbers> {
  const { rows } = await db.raw(accountNumbers, { id: localAccountId })
  return rows[0]
}

/** What happened to accounts as a whole, in the server's own log, the newest first. */
export async function listAccountEvents(
  db: Db,
  { after, limit }: { after: number | null; limit: number },
): Promise<{ id: number; at: Date; kind: string; message: string; who: string }[]> {
  const { rows } = await db.raw(
    `select id, at, kind, message, who from events
     where local_account_id = 0 and kind like 'account %' and (:after::bigint is null or id < :after)
     order by id desc limit :limit`,
    { after, limit },
  )
  return rows
}
