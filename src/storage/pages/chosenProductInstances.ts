import type { Db } from '../db.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

/** A product instance that somebody ticked in the list. */
export type ChosenProductInstance = {
  id: string
  name: string
  localVirtualAccountId: number
  localVirtualAccount: string
  licenses: number
}

/** Those of some product instances that a scope has, by name; whoever is gone is missing. One query. */
export async function listChosenProductInstances(db: Db, scope: Scope, ids: string[]): Promise<ChosenProductInstance[]> {
  const result = await db.raw(
    `select i.id, i.name, i.local_virtual_account_id as "localVirtualAccountId", v.name as "localVirtualAccount",
            (select count(*) from usage u where u.local_account_id = i.local_account_id and u.product_instance_id = i.id) as licenses
     from product_instances i join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
     where ${within(scope, 'i')} and i.id = any(:ids::uuid[]) order by i.name, i.id`,
    { ...scopeBindings(scope), ids },
  )
  return result.rows
}
