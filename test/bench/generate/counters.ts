import type { Context } from '../../../src/context.ts'
import { recountPurchased } from '../../../src/licensing/settleAuthorizations.ts'
import type { Db } from '../../../src/storage/db.ts'

/** Counts what is used from the rows of usage themselves, and how often each token let somebody in. */
export async function countUse(db: Db): Promise<void> {
  await db.raw(
    `insert into authorizations (local_account_id, local_virtual_account_id, tag_id, in_use, instances, peak, next_peak)
     select i.local_account_id, i.local_virtual_account_id, u.tag_id, sum(u.quantity), count(*), sum(u.quantity), sum(u.quantity)
     from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id group by 1, 2, 3`,
  )
  await db.raw(
    `update registration_tokens t set uses = i.uses
     from (select local_account_id, registration_token_id as id, count(*) as uses from product_instances group by 1, 2) i
     where t.local_account_id = i.local_account_id and t.id = i.id`,
  )
}

/** Counts what is purchased and settles it by the server's own verb, which raises the alerts and tells the event log. */
export const settle = (context: Context, localAccountId: number): Promise<void> =>
  context.storage.transaction(tx => recountPurchased(tx, localAccountId, context.clock.now()))
