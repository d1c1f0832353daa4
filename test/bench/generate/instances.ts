import type { Plot, Tx } from './made.ts'

/** Writes the instances that are laid out, as their registrations left them. */
export const insertInstances = (tx: Tx, { localAccountId }: Plot) =>
  tx.raw(
    `insert into product_instances (local_account_id, id, local_virtual_account_id, state, software_tag, product_type, udi_key, udi_pid,
       udi_serial_number, devices, hostname, name, export_controlled, agent_version, capabilities, registration_token_id, registered_at,
       acknowledged_at)
     select :account, id, place, state, software_tag, pid, 'urn:udi:' || pid || ':' || serial, pid, serial,
       case when paired then jsonb_build_array(${device('serial', 'hostname', 'Active')}, ${device(`'S' || serial`, 'null', 'Standby')})
         else jsonb_build_array(${device('serial', 'hostname', 'Active')}) end,
       hostname, name, h >> 50 & 15 = 0, '5.' || 1 + (h >> 54 & 3) || '.' || (h >> 56 & 7), '{DLC,AppHA,MULTITIER,EXPORT_2,OK_TRY_AGAIN}',
       token, registered_at, case when state <> 'PENDING_ACK' then registered_at + interval '2 seconds' end
     from made order by n`,
    { account: localAccountId },
  )

const device = (
  serial: string,
  hostname: string,
  role: string,
) => `jsonb_build_object('sudi', jsonb_build_object('suvi', null, 'uuid', null,
  'host_identifier', null, 'mac_address', null, 'udi_pid', pid, 'udi_serial_number', ${serial}, 'udi_vid', null), 'hostname', ${hostname},
  'softwareTag', software_tag, 'role', '${role}')`

/**
 * When an instance was last heard of. "Product renews every 30 days": any moment of these; one in sixty has been silent for longer, and one
 * that never acknowledged or has ended is as it was left.
 */
export const lastSeen = `case state when 'PENDING_ACK' then registered_at when 'EXPIRED' then registered_at + interval '300 days'
  else greatest(registered_at, :now::timestamptz - (h >> 16 & 1023) / 1024.0 * interval '30 days'
    - case when h >> 26 & 255 < 4 then interval '35 days' else interval '0' end) end`

/** Writes what each message changes. */
export const insertContacts = (tx: Tx, { localAccountId, now }: Plot) =>
  tx.raw(
    `insert into product_instance_contacts (local_account_id, product_instance_id, last_contact_at, last_reported_at, entitlement_version)
     select :account, id, seen, case when state <> 'PENDING_ACK' then seen end, case when state <> 'PENDING_ACK' then 1 else 0 end
     from made cross join lateral (select ${lastSeen} as seen) s order by n`,
    { account: localAccountId, now },
  )

/** Writes what each registered instance uses: the licenses of its kind. */
export const insertUsage = (tx: Tx, { localAccountId }: Plot) =>
  tx.raw(
    `insert into usage (local_account_id, product_instance_id, local_virtual_account_id, tag_id, version, quantity, since)
     select :account, id, place, tag_ids[1 + (h >> (position * 9) & 255) % cardinality(tag_ids)], '1.0',
       least + (h >> (20 + position * 7) & 1023) % (most - least + 1), registered_at + interval '10 minutes'
     from made join needs using (kind) where state = 'REGISTERED' order by n`,
    { account: localAccountId },
  )
