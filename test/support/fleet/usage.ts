import type { Db } from '../../../src/storage/db.ts'

/** What each kind uses, and the counters of it. */
export async function insertUsage(db: Db, localAccountId: number, tags: Record<string, number>): Promise<void> {
  await db.raw(
    `insert into usage (local_account_id, product_instance_id, local_virtual_account_id, tag_id, version, quantity, since)
     select i.local_account_id, i.id, i.local_virtual_account_id, t.id, '1.0', u.quantity, i.registered_at
     from product_instances i
     cross join lateral (values
       ('Network Advantage', case when i.product_type like 'Core%' or i.product_type like 'Data%' then 1 end),
       ('Network Premier', case when i.product_type like 'Core%' and abs(hashtext(i.udi_key)) % 3 = 0 then 1 end),
       ('Network Essentials', case when i.product_type like 'Access%' or i.product_type like 'Branch%' then 1 end),
       ('Throughput 1 Gbit/s', case when i.product_type like 'Branch%' then 1 end),
       ('Throughput 10 Gbit/s', case when i.product_type like 'Core%' then 1 + abs(hashtext(i.udi_key)) % 4 end),
       ('Wireless Access Point', case when i.product_type like 'Wireless%' then 40 + abs(hashtext(i.udi_key)) % 360 end),
       ('Threat Defence', case when i.product_type like 'Firewall%' then 1 end),
       ('Remote Access Session', case when i.product_type like 'Firewall%' and abs(hashtext(i.udi_key)) % 2 = 0 then 50 end),
       ('Voice Session Border', case when i.product_type like 'Session%' then 100 + abs(hashtext(i.udi_key)) % 400 end),
       ('Strong Cryptography', case when i.export_controlled then 1 end)) as u (name, quantity)
     join unnest(:names::text[], :ids::integer[]) as t (name, id) on t.name = u.name
     where i.local_account_id = :account and i.state = 'REGISTERED' and u.quantity is not null`,
    { account: localAccountId, names: Object.keys(tags), ids: Object.values(tags) },
  )
  await db.raw('analyze usage, product_instances')
  await db.raw(
    `insert into authorizations (local_account_id, local_virtual_account_id, tag_id, in_use, instances)
     select i.local_account_id, i.local_virtual_account_id, u.tag_id, sum(u.quantity), count(*)
     from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id
     where u.local_account_id = ? group by 1, 2, 3`,
    [localAccountId],
  )
}
