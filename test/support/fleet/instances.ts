import type { Db } from '../../../src/storage/db.ts'

/** Ten kinds of site equipment, one after the other; the number of a product says all about it. */
export async function insertInstances(db: Db, localAccountId: number, places: number[], products: number, now: Date): Promise<void> {
  await db.raw(
    `insert into product_instances (local_account_id, id, local_virtual_account_id, state, software_tag, product_type, udi_key, udi_pid,
       udi_serial_number, devices, hostname, name, export_controlled, agent_version, capabilities, registration_token_id, registered_at,
       acknowledged_at)
     select :account, id::uuid, place, state, 'regid.2024-05.example.net.' || lower(replace(type, ' ', '-')) || ',1.0', type,
       pid || '/' || serial, pid, serial,
       case when n % 10 = 3 then jsonb_build_array(
         jsonb_build_object('sudi', jsonb_build_object('udi_pid', pid, 'udi_serial_number', serial), 'hostname', name, 'softwareTag', 'x', 'role', 'Active'),
         jsonb_build_object('sudi', jsonb_build_object('udi_pid', pid, 'udi_serial_number', 'S' || serial), 'hostname', null, 'softwareTag', 'x', 'role', 'Standby'))
       else jsonb_build_array(
         jsonb_build_object('sudi', jsonb_build_object('udi_pid', pid, 'udi_serial_number', serial), 'hostname', name, 'softwareTag', 'x', 'role', 'Active')) end,
       name, name, n % 25 = 0, '5.' || (1 + n % 4) || '.' || (n % 7), '{}', id::uuid,
       registered, case when state = 'PENDING_ACK' then null else registered end
     from (
       select n, kind.*, (:places::integer[])[1 + case when n % 37 = 0 then 0 when n % 53 = 0 then 4 when n % 10 in (1, 2, 3, 9) then 1 when n % 10 in (0, 7) then 3 else 2 end] as place,
         case when n % 211 = 0 then 'EXPIRED' when n % 97 = 0 then 'PENDING_ACK' else 'REGISTERED' end as state,
         :now::timestamptz - interval '1 hour' - (n % 130 * 7919 % 130) * interval '1 day' - (n % 1440) * interval '1 minute' as registered,
         (array['ams','ber','bru','cph','dub','ham','lis','lon','mad','mil','osl','par','prg','rom','vie','zrh'])[1 + n / 10 % 16]
           || '-' || kind.role || '-' || lpad((n / 160 + 1)::text, 3, '0') || kind.suffix as name,
         'QMX' || upper(lpad(to_hex(n % 4096 * 7 % 4096), 3, '0')) || upper(lpad(to_hex(n), 5, '0')) as serial,
         lpad(to_hex((extract(epoch from :now::timestamptz) * 1000)::bigint - n::bigint * 60000), 12, '0') as time,
         lpad(to_hex(n), 7, '0') as number
       from generate_series(1, :products) as n
       join (values (0, 'cor', '', 'Core Router 8200', 'QR-8202-32F'), (1, 'rtr', 'a', 'Branch Router 1100', 'QR-1121-4P'),
         (2, 'rtr', 'b', 'Branch Router 1100', 'QR-1161-8P'), (3, 'fw', '', 'Firewall 3100', 'QF-3120'), (4, 'acc', 'a', 'Access Switch 4800', 'QS-4848-PS'),
         (5, 'acc', 'b', 'Access Switch 4800', 'QS-4824-T'), (6, 'acc', 'c', 'Access Switch 4800', 'QS-4848-T'),
         (7, 'dc', '', 'Data Centre Switch 9300', 'QS-9336-C'), (8, 'wlc', '', 'Wireless Controller 9800', 'QW-9840'),
         (9, 'sbc', '', 'Session Border Controller', 'QV-500')) as kind (k, role, suffix, type, pid) on kind.k = n % 10) made
     cross join lateral (select substr(time, 1, 8) || '-' || substr(time, 9) || '-8' || substr(number, 1, 3) || '-8' || substr(number, 4, 3) || '-'
       || substr(number, 7, 1) || '000' || lpad(to_hex(:account::integer), 8, '0') as id) identified`,
    { account: localAccountId, places, products, now },
  )
  await db.raw(
    `insert into product_instance_contacts (local_account_id, product_instance_id, last_contact_at, last_reported_at, entitlement_version)
     select local_account_id, id, seen, seen, 1
     from (select *, greatest(registered_at, :now::timestamptz - (abs(hashtext(udi_key)) % 41760) * interval '1 minute'
             - case when abs(hashtext(udi_key)) % 61 = 0 then interval '45 days' else interval '0' end) as seen
           from product_instances where local_account_id = :account) i`,
    { account: localAccountId, now },
  )
  await db.raw(
    `insert into certificates (local_account_id, serial, product_instance_id, state, der, not_before, not_after)
     select local_account_id, 1000000 + row_number() over (order by id), id, case when state = 'PENDING_ACK' then 'unacknowledged' else 'current' end,
       '\\x30', registered_at, registered_at + interval '365 days'
     from product_instances where local_account_id = :account`,
    { account: localAccountId },
  )
}
