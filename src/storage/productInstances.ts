import { isUuid } from '../rules/identifiers.ts'
import type { InstanceDevice, ProductInstance, ProductInstanceState } from '../rules/productInstances.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { IdCertificate } from './certificates.ts'
import type { Db } from './db.ts'

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

/** "Same (account, software tag, active sudi) already there" (wire-device 5.5). */
export async function findProductInstanceByUdi(
  db: Db,
  { localAccountId, softwareTag, udiKey }: Pick<ProductInstance, 'localAccountId' | 'softwareTag' | 'udiKey'>,
): Promise<ProductInstance | undefined> {
  const row = await db<ProductInstanceRow>('product_instances')
    .where({ local_account_id: localAccountId, software_tag: softwareTag, udi_key: udiKey })
    .first()
  return row && productInstanceFrom(row)
}

/**
 * Adds an instance with its first contact and its certificate: "no certificate leaves without its row". False, and nothing is written, when
 * the account has an instance of the same software tag and UDI.
 */
export async function insertProductInstance(db: Db, instance: ProductInstance, certificate: IdCertificate): Promise<boolean> {
  const result = await db.raw(
    `with instance as (
       insert into product_instances select * from json_populate_record(null::product_instances, :instance)
       on conflict (local_account_id, software_tag, udi_key) do nothing
       returning local_account_id, id, registered_at),
     contact as (
       insert into product_instance_contacts (local_account_id, product_instance_id, last_contact_at) select * from instance)
     insert into certificates (local_account_id, serial, product_instance_id, state, der, not_before, not_after)
     select local_account_id, :serial::numeric, id, :state, :der, :notBefore, :notAfter from instance`,
    { instance: JSON.stringify(toRow(instance)), ...certificate },
  )
  return result.rowCount === 1
}

/** Writes what a new registration of the same product changes. Its reports are counted from the beginning again. */
export async function updateProductInstance(db: Db, instance: ProductInstance): Promise<void> {
  const { local_account_id, id, ...row } = toRow(instance)
  await db('product_instances')
    .where({ local_account_id, id })
    .update({ ...row, devices: JSON.stringify(row.devices) })
  await db('product_instance_contacts')
    .where({ local_account_id, product_instance_id: id })
    .update({ last_contact_at: instance.registeredAt, entitlement_version: 0 })
}

/** Moves instances out of PENDING_ACK, once. */
export async function markAcknowledged(db: Db, keys: { localAccountId: number; productInstanceId: string }[], at: Date): Promise<void> {
  if (keys.length === 0) return
  await db.raw(
    `update product_instances i set state = 'REGISTERED', acknowledged_at = coalesce(i.acknowledged_at, ?)
     from unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)
     where i.local_account_id = k.local_account_id and i.id = k.id`,
    [at, keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId)],
  )
}

/** Marks that an instance was heard of. */
export async function touchContact(db: Db, localAccountId: number, productInstanceId: string, at: Date): Promise<void> {
  await db('product_instance_contacts')
    .where({ local_account_id: localAccountId, product_instance_id: productInstanceId })
    .update({ last_contact_at: at })
}

/** Removes an instance; its contact, certificates and usage go with it. False when it is gone already. */
export async function deleteProductInstance(db: Db, localAccountId: number, id: string): Promise<boolean> {
  return (await db('product_instances').where({ local_account_id: localAccountId, id }).delete()) === 1
}
