import { z } from 'zod'
import { certificate, milliseconds, optional } from '../fields.ts'
import { catalog, policy } from './catalog.ts'
import { responseMembers } from './common.ts'
import { allEntitlements } from './entitlements.ts'

/** The cloud's answer: certificates for 365 days, and all that the account owns. */
export const registrationResponsePayload = z.object({
  ...responseMembers,
  type: z.literal('registration-response'),
  account_ca_cert: certificate,
  server_signing_cert: certificate,
  /** The issuers of both, root not included. */
  sub_ca_certs: z.array(certificate).min(1).max(8),
  entitlements: allEntitlements,
  catalog,
  policy: optional(policy),
  /** The certificate for agents without the MULTITIER capability; null until it is signed, up to 48 hours later. */
  three_tier_cert: optional(certificate),
  next_sync_due: milliseconds,
})
export type RegistrationResponsePayload = z.output<typeof registrationResponsePayload>
