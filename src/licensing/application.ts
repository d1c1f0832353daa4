import type { KeyObject } from 'node:crypto'
import type { InstanceDevice, ProductInstance } from '../rules/productInstances.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import { productName, sudiKey, udiText } from '../wire/udi.ts'

/** What a product says of itself when it asks to be registered, checked and in our words. It can be kept as JSON while it must wait. */
export type Application = {
  softwareTag: string
  devices: InstanceDevice[]
  hostname: string | null
  force: boolean
  agentVersion: string | null
  capabilities: string[]
}

/**
 * An application with what decides on it: the token it presented, when it did, the key that it proved to hold, and the same product's former
 * instance in the token's account, if there is one.
 */
export type Admission = {
  application: Application
  token: RegistrationToken | undefined
  former: ProductInstance | undefined
  presentedAt: Date
  publicKey: KeyObject
}

/** The device that stands for the product: "active sudi" (wire-device 5.5). */
export const activeDevice = ({ devices }: Application): InstanceDevice => devices.find(device => device.role === 'Active') ?? devices[0]!

/** By what a product is known again: "same (account, software tag, active sudi)" (wire-device 5.5), and for a pair the sudi of any of its devices, the active one first. */
export function productKey(localAccountId: number, application: Application) {
  const { softwareTag, devices } = application
  const active = activeDevice(application)
  return {
    localAccountId,
    softwareTag,
    udiKeys: [active, ...devices.filter(device => device !== active)].map(device => sudiKey(device.sudi)),
  }
}

/** The instance that an application becomes. "Name = hostname, else UDI": a product that withholds its name is known by its UDI. */
export function instanceFrom(application: Application, token: RegistrationToken, id: string, now: Date): ProductInstance {
  const { sudi } = activeDevice(application)
  return {
    localAccountId: token.localAccountId,
    softwareTag: application.softwareTag,
    udiKey: sudiKey(sudi),
    id,
    localVirtualAccountId: token.localVirtualAccountId,
    state: 'PENDING_ACK',
    productType: productName(application.softwareTag),
    udiPid: sudi.udi_pid,
    udiSerialNumber: sudi.udi_serial_number,
    devices: application.devices,
    hostname: application.hostname,
    name: application.hostname || udiText(sudi),
    exportControlled: token.exportControlled,
    agentVersion: application.agentVersion,
    capabilities: application.capabilities,
    registrationTokenId: token.id,
    registeredAt: now,
    acknowledgedAt: null,
  }
}
