import { z } from 'zod'
import { name, optional } from './fields.ts'
import { Malformed } from './malformed.ts'

/** Agents leave what they do not know empty as well as out. */
const detail = optional(name(128, 0)).transform(given => given || null)

/**
 * Who a product is (2.2): seven members, of which `udi_pid` and `udi_serial_number` come together, or `uuid` stands alone (5.1).
 * A reader always gets all seven, null where the message had none.
 */
export const sudi = z
  .object({
    suvi: detail,
    uuid: detail,
    host_identifier: detail,
    mac_address: detail,
    udi_pid: optional(name(64)),
    udi_serial_number: optional(name(64)),
    udi_vid: detail,
  })
  .refine(value => (value.udi_pid === null) === (value.udi_serial_number === null), 'Must have udi_pid and udi_serial_number together.')
  .refine(value => value.udi_pid !== null || value.uuid !== null, 'Must have udi_pid and udi_serial_number, or uuid.')
export type Sudi = z.output<typeof sudi>

/** A sudi with all seven members out of the ones that are known. */
export const fullSudi = (known: Partial<Sudi>): Sudi => ({
  suvi: null,
  uuid: null,
  host_identifier: null,
  mac_address: null,
  udi_pid: null,
  udi_serial_number: null,
  udi_vid: null,
  ...known,
})

/** As a router prints it: `PID:…,SN:…` (2.7), or `UUID:…` for a product that has no UDI. */
export const udiText = (sudi: Pick<Sudi, 'udi_pid' | 'udi_serial_number' | 'uuid'>): string =>
  sudi.udi_pid === null ? `UUID:${sudi.uuid}` : `PID:${sudi.udi_pid},SN:${sudi.udi_serial_number}`

/**
 * `urn:udi:<pid>:<sn>` of an ID certificate's subjectAltName (5.11), or `urn:uuid:<uuid>`. Characters that a URN cannot hold are
 * percent-encoded, so that no two products share one.
 */
export const udiUrn = (sudi: Pick<Sudi, 'udi_pid' | 'udi_serial_number' | 'uuid'>): string =>
  sudi.udi_pid === null ? `urn:uuid:${urnPart(sudi.uuid)}` : `urn:udi:${urnPart(sudi.udi_pid)}:${urnPart(sudi.udi_serial_number)}`

/** The key by which two sudis are the same product: product id and serial number where they are given, else the uuid. Case counts. */
export const sudiKey = udiUrn

/** Rules over a list of devices look at those that are wrong as well: there a part may be missing, or half a character. Each is refused by its own rule. */
const urnPart = (part: string | null) =>
  encodeURIComponent(String(part).toWellFormed()).replace(/%(2F|2B|3D|2C|3B|40|24)/g, encoded => decodeURIComponent(encoded))

const TAG = /^regid\.\d{4}-\d{2}\.[A-Za-z0-9.-]+\.[A-Za-z0-9_-]+,[A-Za-z0-9.]+_[0-9a-f-]{36}$/

/** Is `text` a software or entitlement tag by the validator of 2.7? */
export const isTag = (text: string): boolean => text.length <= 255 && TAG.test(text)

/** A tag that must be well formed. */
export const tag = z.string().refine(isTag, 'Must be a tag: regid.<yyyy-mm>.<domain>.<NAME>,<version>_<uuid>.')

/** The product's name in a software tag: `EX-R1000` of `regid.2020-01.com.example.EX-R1000,1.0_…`. Refuses what is no tag. */
export function productName(softwareTag: string): string {
  const beforeComma = tagged(softwareTag).split(',')[0]!
  return beforeComma.slice(beforeComma.lastIndexOf('.') + 1)
}

/** The version in a tag: `1.0` of `regid.2020-01.com.example.ADV,1.0_…`. Refuses what is no tag. */
export const tagVersion = (tag: string): string => tagged(tag).slice(tag.indexOf(',') + 1, tag.lastIndexOf('_'))

function tagged(text: string): string {
  if (!isTag(text)) throw new Malformed('tag', 'Is not a tag.')
  return text
}
