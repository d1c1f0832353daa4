import { createHash } from 'node:crypto'
import { z } from 'zod'
import { check, nonce as nonceField } from '../fields.ts'
import { Malformed } from '../malformed.ts'
import { isRequestType, type RequestType } from '../messages/types.ts'
import { decodeUtf8, parseStrictObject } from '../strictJson.ts'
import { fullSudi, type Sudi } from '../udi.ts'
import {
  type CommonData,
  type ConnectInfo,
  commonData,
  compareVersions,
  DEFAULT_LOCALE,
  HIGHEST_VERSION,
  type RequestHeader,
  requestHeader,
} from './header.ts'
import { credential, type Sign, seal, signature } from './signing.ts'

/** A request whose envelope is well formed: step 3 of 5.3 is behind it and nothing else. */
export interface RequestEnvelope {
  /** Null only for a HELLO. */
  signature: Buffer | null
  /** The bytes that were signed: the `request` string exactly as it came. */
  request: Buffer
  /** Lower-case hex SHA-256 of `request`, by which a retransmission is told from a replay (5.4). */
  requestHash: string
  header: RequestHeader
  /** `request.nonce`; whether the three are equal is step 6. */
  nonce: string
  common: CommonData
  /** The members of `request_data`, for parseRequestData at step 12. */
  data: Record<string, unknown>
}

const envelope = z.object({ signature, credential, request: z.string() })
const body = z.object({ nonce: nonceField, request_data: z.string() })
const json = { safeIntegers: true }

/**
 * Step 3 of 5.3: envelope JSON, `request` string, header, `request_data` and its common members. Refuses with Malformed, which carries the
 * nonce wherever one could be read, however broken the rest is.
 */
export function openRequest(bytes: Uint8Array): RequestEnvelope {
  const text = decodeUtf8(bytes, 'request')
  try {
    return open(text)
  } catch (error) {
    if (error instanceof Malformed) error.nonce ??= readNonce(text)
    throw error
  }
}

function open(text: string): RequestEnvelope {
  const outer = check(envelope, parseStrictObject(text, 'request', json))
  const inner = parseStrictObject(outer.request, 'request', json)
  const header = check(requestHeader, inner.header, 'header')
  const { nonce, request_data } = check(body, inner)
  const data = parseStrictObject(request_data, 'request_data', json)
  const common = check(commonData, data, 'request_data')
  if (outer.signature === null && header.request_type !== 'HELLO') throw new Malformed('signature', 'Is required.')
  const request = Buffer.from(outer.request)
  return { signature: outer.signature, request, requestHash: sha256(request), header, nonce, common, data }
}

/** The nonce of a request that is otherwise broken, or undefined. It looks at each of the three places and trusts nothing else. */
function readNonce(text: string): string | undefined {
  const request = member(loosely(text), 'request')
  const inner = loosely(request)
  const candidates = [
    member(member(inner, 'header'), 'nonce'),
    member(inner, 'nonce'),
    member(loosely(member(inner, 'request_data')), 'nonce'),
  ]
  return candidates.find((candidate): candidate is string => nonceField.safeParse(candidate).success)
}

function loosely(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Step 4: is the version one this side speaks? False asks for the answer VERSION_TOO_HIGH. */
export const versionIsKnown = (envelope: RequestEnvelope): boolean => compareVersions(envelope.header.version, HIGHEST_VERSION) <= 0

/**
 * Step 5: the request's type. Refuses an unknown one, and a message without the identity that its type must have: the instance's id is null
 * only in REGISTRATION, HELLO and the POLL of a registration that waits, the ID certificate's serial only where the id is (5.1).
 */
export function requestTypeOf(envelope: RequestEnvelope): RequestType {
  const { request_type: type, product_instance_identifier: instance, id_cert_serial_number: serial } = envelope.header
  if (!isRequestType(type)) throw malformed(envelope, 'header.request_type', 'Is not a known message.')
  if (instance === null && !mayBeNameless(type, envelope.data))
    throw malformed(envelope, 'header.product_instance_identifier', 'Is required.')
  if (instance !== null && serial === null && !mayBeNameless(type, envelope.data)) {
    throw malformed(envelope, 'header.id_cert_serial_number', 'Is required.')
  }
  return type
}

const mayBeNameless = (type: RequestType, data: Record<string, unknown>) =>
  type === 'REGISTRATION' || type === 'HELLO' || (type === 'POLL' && data.action === 'registration')

/** Step 6, first half: the nonce of header, body and data is one and the same. */
export function refuseUnequalNonces(envelope: RequestEnvelope): void {
  if (envelope.header.nonce !== envelope.nonce) throw malformed(envelope, 'nonce', 'Must equal header.nonce.')
  if (envelope.header.nonce !== envelope.common.nonce) throw malformed(envelope, 'request_data.nonce', 'Must equal header.nonce.')
}

function malformed(envelope: RequestEnvelope, path: string, what: string): Malformed {
  const error = new Malformed(path, what)
  error.nonce = envelope.header.nonce
  return error
}

/** What a product says in a request; the rest of the envelope follows from it. */
export interface OutgoingRequest {
  request_type: RequestType
  sudi: Partial<Sudi>
  /** Milliseconds since the epoch, by the product's clock. */
  timestamp: number
  /** A fresh one for each message, the same again for a retransmission: a positive 63-bit integer in decimal. */
  nonce: string
  version?: string
  connect_info?: ConnectInfo | null
  product_instance_identifier?: string | null
  id_cert_serial_number?: string | null
  signing_cert_serial_number?: string | null
  /** The message's own members of `request_data`. */
  data: object
}

/** The bytes of a request, signed over the exact text of `request`. `sign` null leaves it unsigned, as a HELLO may be. */
export function sealRequest(outgoing: OutgoingRequest, sign: Sign | null): Promise<Buffer> {
  const { timestamp, nonce, product_instance_identifier = null } = outgoing
  const sudi = fullSudi(outgoing.sudi)
  const header = {
    version: outgoing.version ?? HIGHEST_VERSION,
    locale: DEFAULT_LOCALE,
    sudi,
    timestamp,
    nonce,
    request_type: outgoing.request_type,
    agent_actions: null,
    connect_info: outgoing.connect_info ?? null,
    product_instance_identifier,
    id_cert_serial_number: outgoing.id_cert_serial_number ?? null,
    signing_cert_serial_number: outgoing.signing_cert_serial_number ?? null,
  }
  const request_data = JSON.stringify({ sudi, timestamp, nonce, product_instance_identifier, ...outgoing.data })
  return seal('request', JSON.stringify({ header, nonce, request_data }), sign)
}
