import { z } from 'zod'
import { hostname, milliseconds, name, optional, text, uuid } from '../fields.ts'

/** A product instance as the cloud is told of it. What privacy withholds is null: it is in no upward byte. */
export const productRecord = z.object({
  product_instance_identifier: uuid,
  udi_pid: optional(name(64)),
  udi_serial_number: optional(name(64)),
  /** For products without a UDI. */
  uuid: optional(name(128)),
  software_tag_identifier: name(255),
  hostname,
  ip_address: optional(text(0, 64)),
  mac_address: optional(text(0, 128)),
  registered_at: milliseconds,
  last_contact: optional(milliseconds),
})
export type ProductRecord = z.output<typeof productRecord>

/** Since `base_sequence`. Removed ones are known by their id alone. */
export const changedProducts = z.object({ added: z.array(productRecord), changed: z.array(productRecord), removed: z.array(uuid) })
export type ChangedProducts = z.output<typeof changedProducts>

/** Every product instance of the account: replaces what was known. */
export const allProducts = z.object({ all: z.array(productRecord) })
export type AllProducts = z.output<typeof allProducts>
