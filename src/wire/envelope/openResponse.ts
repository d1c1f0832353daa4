import { z } from 'zod'
import { certificate, check, integer, milliseconds, nonce, optional, serialNumber, text, uuid } from '../fields.ts'
import type { MessageCode } from '../refusals.ts'
import { decodeUtf8, parseStrict, parseStrictObject } from '../strictJson.ts'
import { connectInfo, DEFAULT_LOCALE } from './header.ts'
import { type ResponseFields, statuses } from './responseFields.ts'
import { credential, signature } from './signing.ts'

const count = optional(integer(0))
const code = optional(text(0, 64)).transform(value => (value || null) as MessageCode | null)
const envelope = z.object({ signature, credential, response: z.string() })
const responseSchema = z.object({
  header: z.object({
    version: text(1, 16),
    locale: optional(text(0, 32)).transform(locale => locale ?? DEFAULT_LOCALE),
    request_type: optional(text(0, 64)),
    nonce,
    timestamp: milliseconds,
    product_instance_identifier: optional(uuid),
    id_cert_serial_number: optional(serialNumber),
    signing_cert_serial_number: optional(serialNumber),
    agent_actions: z.unknown().transform(() => null),
    connect_info: optional(connectInfo),
  }),
  nonce,
  timestamp: milliseconds,
  status: z.enum(statuses),
  message_code: code,
  message: optional(z.string()),
  poll_id: count,
  poll_interval: count,
  action: optional(text(0, 64)),
  retry_after: count,
  correlation_id: optional(text(0, 64)),
  signing_cert: optional(certificate),
  sub_ca_certs: optional(z.array(certificate).max(8, 'Must have at most 8 certificates.')),
  response_data: optional(z.string()),
})

/** A reply that can be read. Whether to believe it is the client's next question (5.2): nonce, signer, signature, instance, status. */
export interface ResponseEnvelope {
  /** Null when the reply is unsigned: a communication failure, never a state change. */
  signature: Buffer | null
  /** The bytes that were signed: the `response` string exactly as it came. */
  response: Buffer
  fields: ResponseFields
}

/** The client's side of 5.2. Refuses with Malformed what is no reply. */
export function openResponse(bytes: Uint8Array): ResponseEnvelope {
  const outer = check(envelope, parseStrictObject(decodeUtf8(bytes, 'response'), 'response'))
  const fields = check(responseSchema, parseStrict(outer.response, 'response', { safeIntegers: true }), 'response')
  const response_data = fields.response_data === null ? null : parseStrictObject(fields.response_data, 'response_data')
  return { signature: outer.signature, response: Buffer.from(outer.response), fields: { ...fields, response_data } }
}
