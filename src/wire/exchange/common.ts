import { z } from 'zod'
import { integer, milliseconds, optional, text, uuid } from '../fields.ts'

/** The four kinds of container (7.3). */
export const containerTypes = ['registration-request', 'registration-response', 'sync-request', 'sync-response'] as const
export type ContainerType = (typeof containerTypes)[number]

export const FORMAT_VERSION = 1

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'Must be a SHA-256 in lower-case hexadecimal.')

/** An account of the cloud. The id decides; the name is for people. */
export const accountReference = z.object({ id: text(1, 64), name: text(0, 255) })
export type AccountReference = z.output<typeof accountReference>

/** Before registration an account may be known by its name alone. */
export const accountWish = z.object({ id: optional(text(1, 64)), name: text(1, 255) })
export type AccountWish = z.output<typeof accountWish>

/** The members that all four payloads share, but for `type` and the two accounts. */
export const commonMembers = {
  format_version: z.literal(FORMAT_VERSION),
  /** The installation; new on a clone. */
  server_uuid: uuid,
  server_version: text(1, 64),
  local_account_id: uuid,
  local_account_name: text(0, 255),
  /** Of (server_uuid, local_account_id); 0 is the registration. */
  sequence: integer(0),
  /** Hash of the payload bytes of the previous accepted response file; null at 0 and where a full synchronization begins a new chain. */
  prev_hash: optional(sha256Hex),
  request_id: uuid,
  /** 128 random bits in base64url, without padding. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'Must be 128 bits in base64url.'),
  created_at: milliseconds,
  not_after: milliseconds,
}

/** Members that every response adds. */
export const responseMembers = {
  ...commonMembers,
  smart_account: accountReference,
  virtual_account: accountReference,
  /** Hash of the payload bytes of the request that is answered. */
  request_hash: sha256Hex,
}
