import type { IdentityReply } from '../messages/registration.ts'
import { type ConnectInfo, compareVersions, DEFAULT_LOCALE, HIGHEST_VERSION } from './header.ts'
import type { RequestEnvelope } from './openRequest.ts'
import type { Answer, ResponseFields } from './responseFields.ts'
import { type Sign, seal } from './signing.ts'

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

/** The echo of a request whose envelope is well formed. */
export const echoOf = ({ header, common }: RequestEnvelope): Echo => ({
  nonce: header.nonce,
  timestamp: common.timestamp,
  request_type: header.request_type,
  version: compareVersions(header.version, HIGHEST_VERSION) > 0 ? HIGHEST_VERSION : header.version,
  product_instance_identifier: header.product_instance_identifier,
  id_cert_serial_number: header.id_cert_serial_number,
  signing_cert_serial_number: header.signing_cert_serial_number,
})

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
  const identity = answer.status === 'OK' && isIdentity(answer.data) ? answer.data : echo
  const signerIsKnown = echo.signing_cert_serial_number === signer.serialNumber
  return {
    header: {
      version: echo.version ?? HIGHEST_VERSION,
      locale: DEFAULT_LOCALE,
      request_type: echo.request_type ?? null,
      nonce: echo.nonce,
      timestamp: server.now,
      product_instance_identifier: identity.product_instance_identifier ?? null,
      id_cert_serial_number: identity.id_cert_serial_number ?? null,
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
    response_data: 'data' in answer ? (answer.data ?? null) : null,
  }
}

/** An answer that gives the product a new identity names it in the header too (5.6). */
const isIdentity = (data: object | null): data is IdentityReply =>
  data !== null && 'product_instance_identifier' in data && 'id_cert' in data

/** The text of `response`: what is signed, and what the memory of replays may keep (5.4). */
export function responseText(fields: ResponseFields): string {
  const response_data = fields.response_data && JSON.stringify(fields.response_data)
  return JSON.stringify({ ...fields, response_data })
}

/** The bytes of a reply, signed over the exact text of `response`. */
export const sealResponse = (fields: ResponseFields, sign: Sign): Promise<Buffer> => seal('response', responseText(fields), sign)
