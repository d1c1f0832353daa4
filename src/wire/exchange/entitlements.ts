import { z } from 'zod'
import { integer, milliseconds, name, optional, text } from '../fields.ts'

export const licenseTypes = ['PERPETUAL', 'TERM', 'SUBSCRIPTION', 'DEMO'] as const
export type LicenseType = (typeof licenseTypes)[number]

/** What was bought: a quantity of one tag for a time. `start_date` and `end_date` are milliseconds; null is "always" and "for ever". */
export const entitlement = z.object({
  license_id: text(1, 64),
  tag: name(255),
  display_name: text(0, 255),
  license_type: z.enum(licenseTypes),
  quantity: integer(0),
  start_date: optional(milliseconds),
  end_date: optional(milliseconds),
  subscription_id: optional(text(0, 128)),
  export_restricted: z.boolean(),
  /** The cloud's word for people, informative: what is in force follows from the dates. */
  status: optional(text(0, 64)),
})
export type Entitlement = z.output<typeof entitlement>

/** One change since the last response: an entitlement as it now stands, or one that is gone. */
export const entitlementChange = z.discriminatedUnion('op', [
  entitlement.extend({ op: z.literal('upsert') }),
  z.object({ op: z.literal('delete'), license_id: text(1, 64) }),
])
export type EntitlementChange = z.output<typeof entitlementChange>

/** Everything the account owns: replaces what was known. */
export const allEntitlements = z.object({ all: z.array(entitlement) })
/** What changed since the response of `base_sequence`. */
export const changedEntitlements = z.object({ changes: z.array(entitlementChange) })
export type EntitlementNews = z.output<typeof allEntitlements> | z.output<typeof changedEntitlements>
