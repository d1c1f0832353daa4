import { z } from 'zod'
import { integer, milliseconds, name, optional, text } from '../fields.ts'

const LARGEST_COUNT = 2 ** 31 - 1

/**
 * What a product uses of one tag. The tag is any text here: one that nobody knows is answered INVALID_TAG for that entitlement alone and
 * never makes the message malformed.
 */
export const entitlementUse = z.object({
  tag: name(255),
  version: optional(text(0, 32)),
  count: integer(0, LARGEST_COUNT),
})
export type EntitlementUse = z.output<typeof entitlementUse>

/** AUTHORIZATION: the complete, absolute usage of a product. What is not listed, or listed with 0, is released. */
export const authorizationRequest = z.object({
  entitlement_version: integer(0),
  entitlements: z
    .array(entitlementUse)
    .max(1000, 'Must have at most 1000 entitlements.')
    .refine(list => new Set(list.map(use => use.tag)).size === list.length, 'Must not have a tag twice.'),
})
export type AuthorizationRequest = z.output<typeof authorizationRequest>

export const entitlementStatuses = ['IN_COMPLIANCE', 'OUT_OF_COMPLIANCE', 'OVERAGE', 'INVALID_TAG'] as const
export type EntitlementStatus = (typeof entitlementStatuses)[number]

export const entitlementAuthorization = z.object({
  tag: name(255),
  version: optional(text(0, 32)),
  requested_count: integer(0),
  authorized_count: integer(0),
  out_of_compliance_count: integer(0),
  insufficient_count: integer(0),
  status: z.enum(entitlementStatuses),
  display_name: optional(text(0, 255)),
  description: optional(text(0, 1024)),
  license_type: optional(text(0, 64)),
  export_restricted: optional(z.boolean()),
  expires_at: optional(milliseconds),
})
export type EntitlementAuthorization = z.output<typeof entitlementAuthorization>

export const overallStatuses = ['AUTHORIZED', 'OUT_OF_COMPLIANCE', 'NO_LICENSES_IN_USE'] as const
export type OverallStatus = (typeof overallStatuses)[number]

/** The answer is about compliance and never enforces: a shortage is a status, not a failure. */
export const authorizationReply = z.object({
  /** The request's own. */
  entitlement_version: integer(0),
  overall_status: z.enum(overallStatuses),
  entitlements: z.array(entitlementAuthorization),
  /** 30 days from now, 12 hours while out of compliance. */
  renew_at: milliseconds,
  /** 90 days from now. */
  deadline: milliseconds,
})
export type AuthorizationReply = z.output<typeof authorizationReply>
