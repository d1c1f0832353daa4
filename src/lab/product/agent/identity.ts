import { createHash } from 'node:crypto'
import { fullSudi, type Sudi } from '../../../wire/udi.ts'

export type Role = 'Standby' | 'Member'

/** Another chassis of the same product: the second of a pair, a member of a stack. */
export type OtherDevice = { pid: string; serialNumber: string; hostname: string | null; role: Role }

/** Who a product is. `others` are the devices that it speaks for beside itself; itself it is the active one. */
export type Identity = { pid: string; serialNumber: string; hostname: string | null; softwareTag: string; others: OtherDevice[] }

/** The identity of a product that is known by its product id and serial number alone. */
export const identityOf = (known: { pid: string; serialNumber: string } & Partial<Identity>): Identity => ({
  hostname: null,
  softwareTag: softwareTagOf(known.pid),
  others: [],
  ...known,
})

/**
 * The software tag of a product id, in the form of 2.7. Its uuid follows from the product id, so that all products of a kind carry one tag
 * wherever they were made.
 */
export function softwareTagOf(pid: string): string {
  const hash = createHash('sha256').update(pid).digest('hex')
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-')
  return `regid.2020-01.com.example.${pid.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)},1.0_${uuid}`
}

/** A device as messages name it (2.2). */
export const sudiOf = (device: Pick<Identity, 'pid' | 'serialNumber'>): Sudi =>
  fullSudi({ udi_pid: device.pid, udi_serial_number: device.serialNumber })

/** `device_list` of a REGISTRATION (5.5); undefined for a product of one device, for which the header speaks. */
export function deviceListOf(identity: Identity): object[] | undefined {
  if (identity.others.length === 0) return undefined
  const all = [{ ...identity, role: 'Active' }, ...identity.others]
  return all.map(device => ({
    sudi: sudiOf(device),
    hostname: device.hostname,
    software_tag_identifier: identity.softwareTag,
    role: device.role,
  }))
}
