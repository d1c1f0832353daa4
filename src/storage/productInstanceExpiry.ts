import type { ProductInstanceState } from '../rules/productInstances.ts'
import type { Db } from './db.ts'

type InstanceKey = { localAccountId: number; productInstanceId: string }

/** Instances all of whose certificates have ended and that are not marked so yet. */
export async function listInstancesWithoutCertificate(db: Db, now: Date, limit: number): Promise<InstanceKey[]> {
  const result = await db.raw(
    `select distinct c.local_account_id as "localAccountId", c.product_instance_id as "productInstanceId"
     from certificates c
     join product_instances i on i.local_account_id = c.local_account_id and i.id = c.product_instance_id
     where c.not_after <= :now and i.state <> 'EXPIRED' and not exists (
       select 1 from certificates n
       where n.local_account_id = c.local_account_id and n.product_instance_id = c.product_instance_id and n.not_after > :now)
     limit :limit`,
    { now, limit },
  )
  return result.rows
}

/** Puts instances into a state. */
export async function updateInstanceStates(db: Db, keys: InstanceKey[], state: ProductInstanceState): Promise<void> {
  await db.raw(
    `update product_instances i set state = ?
     from unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)
     where i.local_account_id = k.local_account_id and i.id = k.id`,
    [state, keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId)],
  )
}
