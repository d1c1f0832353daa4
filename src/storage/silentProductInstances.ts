import type { Silence } from '../rules/licensingAlerts.ts'
import type { Db } from './db.ts'

/**
 * Brings the list of silent instances up to date: who last reported (or registered) at `connectBefore` or earlier, and of them whose
 * authorization ended because that was at `renewBefore` or earlier. What is the same costs no write. Gives the counts, by Local Virtual Account.
 */
export async function refreshSilentProductInstances(
  tx: Db,
  times: { connectBefore: Date; renewBefore: Date },
): Promise<(Silence & { localAccountId: number })[]> {
  await tx.raw(
    `with silent as materialized (
       select i.local_account_id, i.id, coalesce(c.last_reported_at, i.registered_at) <= :renewBefore as ended
       from product_instances i
         join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
       where i.state <> 'EXPIRED' and coalesce(c.last_reported_at, i.registered_at) <= :connectBefore),
     heard as (
       delete from silent_product_instances s where not exists (
         select 1 from silent x where x.local_account_id = s.local_account_id and x.id = s.product_instance_id))
     insert into silent_product_instances as s (local_account_id, product_instance_id, authorization_ended)
     select local_account_id, id, ended from silent
     on conflict (local_account_id, product_instance_id)
     do update set authorization_ended = excluded.authorization_ended where s.authorization_ended <> excluded.authorization_ended`,
    times,
  )
  const { rows } = await tx.raw(
    `select v.local_account_id as "localAccountId", v.id as "localVirtualAccountId", v.name,
            count(*) filter (where not s.authorization_ended) as "failedToConnect", count(*) filter (where s.authorization_ended) as "failedToRenew"
     from silent_product_instances s
       join product_instances i on i.local_account_id = s.local_account_id and i.id = s.product_instance_id
       join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
     group by v.local_account_id, v.id, v.name order by v.local_account_id, v.id`,
  )
  return rows
}
