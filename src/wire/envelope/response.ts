import { z } from 'zod'
import { certificate, check, integer, milliseconds, nonce, optional, serialNumber, text, uuid } from '../fields.ts'
import type { MessageCode } from '../refusals.ts'
import { decodeUtf8, parseStrict, parseStrictObject } from '../strictJson.ts'
import { type ConnectInfo, connectInfo, DEFAULT_LOCALE, HIGHEST_VERSION } from './header.ts'
import { credential, type Sign, seal, signature } from './signing.ts'

export const statuses = ['OK', 'OK_POLL', 'OK_TRY_AGAIN', 'FAILED', 'VERSION_TOO_HIGH'] as const
export type Status = (typeof statuses)[number]

/** What a handler decided, before it is put into an envelope. */
export type Answer =
  | { status: 'OK'; data: object | null; action?: string }
  | { status: 'OK_POLL'; poll_id: number; poll_interval: number; action: string }
  | { status: 'OK_TRY_AGAIN'; retry_after: number }
  | { status: 'FAILED' | 'VERSION_TOO_HIGH'; message_code: MessageCode; message: string; action?: string }

/** `response`, decoded (5.2). `response_data` is the object itself; on the wire it is JSON text. */
export interface ResponseFields {
  header: ResponseHeader
  nonce: string
  timestamp: number
  status: Status
  message_code: MessageCode | null
  message: string | null
  poll_id: number | null
  poll_interval: number | null
  action: string | null
  retry_after: number | null
  correlation_id: string | null
  signing_cert: string | null
  sub_ca_certs: string[] | null
  response_data: object | null
}

export interface ResponseHeader {
  version: string
  locale: string
  request_type: string | null
  nonce: string
  timestamp: number
  product_instance_identifier: string | null
  id_cert_serial_number: string | null
  signing_cert_serial_number: string | null
  agent_actions: null
  connect_info: ConnectInfo | null
}

/** What a reply repeats of its request. Of a malformed request only the nonce may be known. */
export interface Echo {
  nonce: string
  timestamp?: number
  request_type?: string
  version?: string
  product_instance_identifier?: string | null
  id_cert_serial_number?: string | null
  /** The signer that the product says it holds. */
  signing_cert_serial_number?: string | null
}

/** The certificate a reply is signed with, and those of its issuers (leaf's issuer first, root not included). */
export interface Signer {
  serialNumber: string
  certificate: string
  subCaCertificates: string[]
}

/**
 * The fields of the reply to `echo`. The signer's certificate goes with it whenever it is not the one the product says it holds (5.2), so
 * also on every refusal before registration. `now` is the server's time in milliseconds.
 */
export function buildResponse(
  answer: Answer,
  echo: Echo,
  server: { now: number; signer: Signer; connectInfo: ConnectInfo; correlationId: string },
): ResponseFields {
  const { signer } = server
  const signerIsKnown = echo.signing_cert_serial_number === signer.serialNumber
  return {
    header: {
      version: echo.version ?? HIGHEST_VERSION,
      locale: DEFAULT_LOCALE,
      request_type: echo.request_type ?? null,
      nonce: echo.nonce,
      timestamp: server.now,
      product_instance_identifier: echo.product_instance_identifier ?? null,
      id_cert_serial_number: echo.id_cert_serial_number ?? null,
      signing_cert_serial_number: signer.serialNumber,
      agent_actions: null,
      connect_info: server.connectInfo,
    },
    nonce: echo.nonce,
    timestamp: echo.timestamp ?? 0,
    status: answer.status,
    message_code: 'message_code' in answer ? answer.message_code : null,
    message: 'message' in answer ? answer.message : null,
    poll_id: 'poll_id' in answer ? answer.poll_id : null,
    poll_interval: 'poll_interval' in answer ? answer.poll_interval : null,
    action: 'action' in answer ? (answer.action ?? null) : null,
    retry_after: 'retry_after' in answer ? answer.retry_after : null,
    correlation_id: server.correlationId,
    signing_cert: signerIsKnown ? null : signer.certificate,
    sub_ca_certs: signerIsKnown ? null : signer.subCaCertificates,
    response_data: 'data' in answer ? answer.data : null,
  }
}

/** The bytes of a reply, signed over the exact text of `response`. */
export function sealResponse(fields: ResponseFields, sign: Sign): Promise<Buffer> {
  const response_data = fields.response_data && JSON.stringify(fields.response_data)
  return seal('response', JSON.stringify({ ...fields, response_data }), sign)
}

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
