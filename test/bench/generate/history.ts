import { lastSeen } from './instances.ts'
import type { Plot, Tx } from './made.ts'

/**
 * Writes an account's event log, oldest first: each registration, each instance's last renewal, one change of usage of every second
 * instance, the tokens, and a synchronization a month. Some two events an instance.
 */
export async function insertHistory(tx: Tx, { localAccountId, now }: Plot): Promise<void> {
  await tx.raw(
    `insert into events (local_account_id, at, kind, message, who, local_virtual_account_id, product_instance_id)
     select :account, at, kind, message, who, place, instance from (
       select registered_at, 'product instance registered', name || ' (' || pid || ') registered.', name, place, id from made
       union all
       select not_before, 'product instance renewed',
         name || ' renewed its ID certificate until ' || to_char(not_after at time zone 'UTC', 'YYYY-MM-DD') || '.', name, place, id
       from made join certificates c on c.product_instance_id = id and c.local_account_id = :account
       where c.not_before > registered_at + interval '1 day'
       union all
       select ${lastSeen}, 'usage changed', name || ' changed what it uses: 1 license.', name, place, id
       from made where state = 'REGISTERED' and h >> 12 & 1 = 1
       union all
       select k.created_at, 'token created', 'A registration token for ' || v.name || ' was created: ' || k.description || '.',
         created_by, v.id, null
       from registration_tokens k join local_virtual_accounts v
         on v.local_account_id = k.local_account_id and v.id = k.local_virtual_account_id
       where k.local_account_id = :account
       union all
       select :now::timestamptz - month * interval '30 days', 'synchronization', 'Synchronized with the cloud by network.',
         'the server', null, null
       from generate_series(1, 30) as month) as happened (at, kind, message, who, place, instance)
     order by at`,
    { account: localAccountId, now },
  )
}
