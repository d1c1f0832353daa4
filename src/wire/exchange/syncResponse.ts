import { z } from 'zod'
import { certificate, integer, milliseconds, optional, text, uuid } from '../fields.ts'
import { catalog } from './catalog.ts'
import { responseMembers, sha256Hex } from './common.ts'
import { conversionDecision } from './conversions.ts'
import { allEntitlements, changedEntitlements } from './entitlements.ts'

export const syncStatuses = ['OK', 'FULL_SYNC_REQUIRED', 'REJECTED'] as const
export type SyncStatus = (typeof syncStatuses)[number]

/** Something the cloud asks the server to do. A reader passes over commands it does not know. */
export const command = z.object({ command: text(1, 64), product_instance_identifier: optional(uuid) })
export type Command = z.output<typeof command>

const members = {
  ...responseMembers,
  type: z.literal('sync-response'),
  status: z.enum(syncStatuses),
  /** Over all entitlements after this response is applied; null when nothing is. See entitlementsDigest. */
  entitlements_digest: optional(sha256Hex),
  /** Complete; null when it has not changed. */
  catalog: optional(catalog),
  /** Re-issued for 365 days; null when the request was not applied. */
  account_ca_cert: optional(certificate),
  server_signing_cert: optional(certificate),
  /** The issuers of both; null when they are those of the registration. */
  sub_ca_certs: optional(z.array(certificate).min(1).max(8)),
  /** The certificate for agents without the MULTITIER capability, once it is signed. */
  three_tier_cert: optional(certificate),
  /** With FULL_SYNC_REQUIRED: where the next request goes on from, and the one-time token it must show. */
  last_seq: optional(integer(0)),
  resync_token: optional(text(1, 255)),
  conversions: z.array(conversionDecision),
  rum_acks: z.array(z.unknown()),
  commands: z.array(command),
  next_sync_due: optional(milliseconds),
  /** A code of 7.4 or 7.5 (`CHAIN_BROKEN`, `MISMATCH`, `FILE_REPLAYED`, …) and its sentence. */
  message_code: optional(text(0, 64)),
  message: optional(text(0, 1024)),
}

/** What the cloud answers (7.3). Standard and full differ only in `entitlements`; null there when nothing was applied. */
export const syncResponsePayload = z.discriminatedUnion('sync_type', [
  z.object({ ...members, sync_type: z.literal('standard'), entitlements: optional(changedEntitlements) }),
  z.object({ ...members, sync_type: z.literal('full'), entitlements: optional(allEntitlements) }),
])
export type SyncResponsePayload = z.output<typeof syncResponsePayload>
