import { createHash } from 'node:crypto'
import { z } from 'zod'
import { check, nonce as nonceField } from '../fields.ts'
import { Malformed } from '../malformed.ts'
import { decodeUtf8, parseLoosely, parseStrictObject } from '../strictJson.ts'
import { type CommonData, commonData, type RequestHeader, requestHeader } from './header.ts'
import { credential, signature } from './signing.ts'

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

/** Three times what the largest message of the contract holds, a thousand lines of conversion; a body of keys alone would hold forty times as much. */
const MOST_VALUES = 32_768
const json = { safeIntegers: true, mostValues: MOST_VALUES }

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

const loosely = (text: unknown) => (typeof text === 'string' ? parseLoosely(text, json) : undefined)

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
