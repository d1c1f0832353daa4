import { isUuid } from '../rules/identifiers.ts'
import type { InstanceDevice, ProductInstance, ProductInstanceState } from '../rules/productInstances.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { IdCertificate } from './certificates.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/** A row as it comes from the database. */
export type ProductInstanceRow = {
  local_account_id: number
  id: string
  local_virtual_account_id: number
  state: ProductInstanceState
  software_tag: string
  product_type: string
  udi_key: string
  udi_pid: string | null
  udi_serial_number: string | null
  devices: InstanceDevice[]
  hostname: string | null
  name: string
  export_controlled: boolean
  agent_version: string | null
  capabilities: string[]
  registration_token_id: string
  registered_at: Date
  acknowledged_at: Date | null
}

/** The noun out of its row. */
export const productInstanceFrom = (row: ProductInstanceRow): ProductInstance => ({
  localAccountId: row.local_account_id,
  id: row.id,
  localVirtualAccountId: row.local_virtual_account_id,
  state: row.state,
  softwareTag: row.software_tag,
  productType: row.product_type,
  udiKey: row.udi_key,
  udiPid: row.udi_pid,
  udiSerialNumber: row.udi_serial_number,
  devices: row.devices,
  hostname: row.hostname,
  name: row.name,
  exportControlled: row.export_controlled,
  agentVersion: row.agent_version,
  capabilities: row.capabilities,
  registrationTokenId: row.registration_token_id,
  registeredAt: row.registered_at,
  acknowledgedAt: row.acknowledged_at,
})

const toRow = (instance: ProductInstance): ProductInstanceRow => ({
  local_account_id: instance.localAccountId,
  id: instance.id,
  local_virtual_account_id: instance.localVirtualAccountId,
  state: instance.state,
  software_tag: instance.softwareTag,
  product_type: instance.productType,
  udi_key: instance.udiKey,
  udi_pid: instance.udiPid,
  udi_serial_number: instance.udiSerialNumber,
  devices: instance.devices,
  hostname: instance.hostname,
  name: instance.name,
  export_controlled: instance.exportControlled,
  agent_version: instance.agentVersion,
  capabilities: instance.capabilities,
  registration_token_id: instance.registrationTokenId,
  registered_at: instance.registeredAt,
  acknowledged_at: instance.acknowledgedAt,
})

/** One instance within its account; any text that is no identifier finds nothing. */
export async function findProductInstance(db: Db, localAccountId: number, id: string): Promise<ProductInstance | undefined> {
  if (!isUuid(id)) return undefined
  const row = await db<ProductInstanceRow>('product_instances').where({ local_account_id: localAccountId, id }).first()
  return row && productInstanceFrom(row)
}

/** One instance within its account; it is a refusal when there is none. */
export async function getProductInstance(db: Db, localAccountId: number, id: string): Promise<ProductInstance> {
  const instance = await findProductInstance(db, localAccountId, id)
  refuseUnless(instance, 'NOT_FOUND', 'There is no such product instance.')
  return instance
}

const columns: readonly (keyof ProductInstanceRow)[] = [
  'local_account_id',
  'id',
  'local_virtual_account_id',
  'state',
  'software_tag',
  'product_type',
  'udi_key',
  'udi_pid',
  'udi_serial_number',
  'devices',
  'hostname',
  'name',
  'export_controlled',
  'agent_version',
  'capabilities',
  'registration_token_id',
  'registered_at',
  'acknowledged_at',
]

/**
 * The columns of an instance, called `i`, by their names. A statement that is planned once may not give "all" of them: a newer release that adds one
 * while this one serves would change what it gives, which PostgreSQL refuses from then on ("cached plan must not change result type").
 */
export const instanceColumns = columns.map(name => `i.${name}`).join(', ')

type NewCertificate = Pick<IdCertificate, 'serial' | 'der' | 'notBefore' | 'notAfter'>

/** By what a product is known again: its software, and any of its devices, the active one first. */
export type ProductKey = Pick<ProductInstance, 'localAccountId' | 'softwareTag'> & { udiKeys: string[] }

/**
 * "Same (account, software tag, active sudi) already there" (wire-device 5.5), for a group of products, in the order they were asked for. An instance whose
 * active device is now another one of the same list, as after a failover, is the same product; one of the list's own active device goes before it.
 */
export async function findProductInstancesByUdi(db: Db, keys: ProductKey[]): Promise<(ProductInstance | undefined)[]> {
  const devices = keys.flatMap(({ udiKeys, ...key }, position) => udiKeys.map(udiKey => ({ ...key, udiKey, position })))
  const result = await runPrepared(
    db,
    `select ${instanceColumns}, k.position
     from unnest(?::integer[], ?::text[], ?::text[], ?::integer[]) with ordinality as k (local_account_id, software_tag, udi_key, position, place)
     join product_instances i using (local_account_id, software_tag, udi_key)
     order by k.place desc`,
    [
      devices.map(device => device.localAccountId),
      devices.map(device => device.softwareTag),
      devices.map(device => device.udiKey),
      devices.map(device => device.position),
    ],
  )
  const found: (ProductInstance | undefined)[] = keys.map(() => undefined)
  for (const row of result.rows) found[row.position] = productInstanceFrom(row)
  return found
}

/**
 * Holds the devices of pairs that are about to be entered until the end of the transaction, in one order, so that two pairs that share a device
 * follow each other whichever of their devices is the active one: there is no row yet that both could hold.
 */
export async function lockDevices(db: Db, keys: ProductKey[]): Promise<void> {
  const names = keys.flatMap(({ localAccountId, softwareTag, udiKeys }) =>
    udiKeys.map(udiKey => `${localAccountId} ${softwareTag} ${udiKey}`),
  )
  await runPrepared(
    db,
    `select pg_advisory_xact_lock(d.key) from (select distinct hashtextextended(n.name, 0) as key from unnest(?::text[]) as n (name) order by 1) d`,
    [names],
  )
}

/**
 * Adds instances with their first contacts and their certificates: "no certificate leaves without its row". Gives how many were added: an
 * instance whose account has one of the same software tag and UDI is left out, and its certificate with it.
 */
export async function insertProductInstances(db: Db, rows: { instance: ProductInstance; certificate: NewCertificate }[]): Promise<number> {
  if (rows.length === 0) return 0
  const certificates = rows.map(row => row.certificate)
  const result = await runPrepared(
    db,
    `with instance as (
       insert into product_instances (${columns.join(', ')})
       select ${instanceColumns} from json_populate_recordset(null::product_instances, ?) i
       on conflict (local_account_id, software_tag, udi_key) do nothing
       returning local_account_id, id, registered_at),
     contact as (
       insert into product_instance_contacts (local_account_id, product_instance_id, last_contact_at) select * from instance)
     insert into certificates (local_account_id, serial, product_instance_id, state, der, not_before, not_after)
     select i.local_account_id, c.serial, i.id, 'unacknowledged', c.der, c.not_before, c.not_after
     from instance i
     join unnest(?::uuid[], ?::numeric[], ?::bytea[], ?::timestamptz[], ?::timestamptz[]) as c (id, serial, der, not_before, not_after) using (id)`,
    [
      JSON.stringify(rows.map(row => toRow(row.instance))),
      rows.map(row => row.instance.id),
      certificates.map(certificate => certificate.serial),
      certificates.map(certificate => certificate.der),
      certificates.map(certificate => certificate.notBefore),
      certificates.map(certificate => certificate.notAfter),
    ],
  )
  return result.rowCount ?? 0
}

/** Writes what new registrations of the same products change. Their reports are counted from the beginning again. */
export async function updateProductInstances(db: Db, instances: ProductInstance[]): Promise<void> {
  await runPrepared(
    db,
    `with given as (select * from json_populate_recordset(null::product_instances, ?)),
     contact as (
       update product_instance_contacts c set last_contact_at = g.registered_at, entitlement_version = 0
       from given g where c.local_account_id = g.local_account_id and c.product_instance_id = g.id)
     update product_instances i
     set local_virtual_account_id = g.local_virtual_account_id, state = g.state, software_tag = g.software_tag, product_type = g.product_type,
       udi_key = g.udi_key, udi_pid = g.udi_pid, udi_serial_number = g.udi_serial_number, devices = g.devices, hostname = g.hostname, name = g.name,
       export_controlled = g.export_controlled, agent_version = g.agent_version, capabilities = g.capabilities,
       registration_token_id = g.registration_token_id, registered_at = g.registered_at, acknowledged_at = g.acknowledged_at
     from given g where i.local_account_id = g.local_account_id and i.id = g.id`,
    [JSON.stringify(instances.map(toRow))],
  )
}

/** Moves instances out of PENDING_ACK, once. */
export async function markAcknowledged(db: Db, keys: { localAccountId: number; productInstanceId: string }[], at: Date): Promise<void> {
  if (keys.length === 0) return
  await runPrepared(
    db,
    `update product_instances i set state = 'REGISTERED', acknowledged_at = coalesce(i.acknowledged_at, ?)
     from unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)
     where i.local_account_id = k.local_account_id and i.id = k.id`,
    [at, keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId)],
  )
}

/** Marks that instances were heard of. In the order of the keys, like every writer of contacts, so that two groups never wait for each other. */
export async function touchContacts(db: Db, keys: { localAccountId: number; productInstanceId: string }[], at: Date): Promise<void> {
  await runPrepared(
    db,
    `with locked as (
       select c.local_account_id, c.product_instance_id
       from unnest(?::integer[], ?::uuid[]) as k (local_account_id, product_instance_id)
       join product_instance_contacts c using (local_account_id, product_instance_id)
       order by c.local_account_id, c.product_instance_id for update of c)
     update product_instance_contacts c set last_contact_at = ? from locked l
     where c.local_account_id = l.local_account_id and c.product_instance_id = l.product_instance_id`,
    [keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId), at],
  )
}

/** Removes an instance; its contact, certificates and usage go with it. False when it is gone already. */
export async function deleteProductInstance(db: Db, localAccountId: number, id: string): Promise<boolean> {
  return (await db('product_instances').where({ local_account_id: localAccountId, id }).delete()) === 1
}

/** Some product instances of an account, whichever. */
export async function listSomeProductInstances(db: Db, localAccountId: number, limit: number): Promise<string[]> {
  const rows = await db('product_instances').where({ local_account_id: localAccountId }).limit(limit).select('id')
  return rows.map(row => row.id)
}

/** Puts instances, which the caller holds, into another Local Virtual Account. */
export async function moveProductInstances(db: Db, localAccountId: number, ids: string[], localVirtualAccountId: number): Promise<void> {
  await db('product_instances')
    .where({ local_account_id: localAccountId })
    .whereIn('id', ids)
    .update({ local_virtual_account_id: localVirtualAccountId })
}
