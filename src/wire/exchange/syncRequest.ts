import { z } from 'zod'
import { certificateRequest, integer, name, optional, text } from '../fields.ts'
import { accountReference, commonMembers, sha256Hex } from './common.ts'
import { conversionClaim } from './conversions.ts'
import { allProducts, changedProducts } from './products.ts'

export const syncReasons = ['SCHEDULED', 'MANUAL', 'CLOCK_SHIFT', 'MISMATCH', 'RESTORED', 'AUTHORITY'] as const
export type SyncReason = (typeof syncReasons)[number]

/** The use of one tag over all Local Virtual Accounts: totals, which are all that the cloud is told. */
export const usageTotal = z.object({
  tag: name(255),
  version: optional(text(0, 32)),
  in_use: integer(0),
  /** The most since the last accepted exchange. */
  peak: integer(0),
  out_of_compliance: integer(0),
})
export type UsageTotal = z.output<typeof usageTotal>

/** True for each kind of value that was left out. */
export const privacy = z.object({ hostname: z.boolean(), ip: z.boolean(), mac: z.boolean() })
export type Privacy = z.output<typeof privacy>

const members = {
  ...commonMembers,
  type: z.literal('sync-request'),
  smart_account: accountReference,
  virtual_account: accountReference,
  /** The last response that was applied. */
  base_sequence: integer(0),
  reason: z.enum(syncReasons),
  /** Always complete, also in a standard synchronization. */
  usage: z.array(usageTotal),
  conversions: z.array(conversionClaim),
  /** Room for reservations and usage reports, which this release does not send. */
  reservations: z.array(z.unknown()),
  rum: z.array(z.unknown()),
  /** See usageDigest. */
  usage_digest: sha256Hex,
  /** Null: the same key, new dates. */
  account_ca_csr: optional(certificateRequest),
  server_signing_csr: optional(certificateRequest),
  /** The one of the FULL_SYNC_REQUIRED that this request follows. */
  resync_token: optional(text(1, 255)),
  privacy,
}

/** What a server tells the cloud (7.3). Standard and full differ only in `products`. */
export const syncRequestPayload = z.discriminatedUnion('sync_type', [
  z.object({ ...members, sync_type: z.literal('standard'), products: changedProducts }),
  z.object({ ...members, sync_type: z.literal('full'), products: allProducts }),
])
export type SyncRequestPayload = z.output<typeof syncRequestPayload>
