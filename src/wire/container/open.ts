import { createHash } from 'node:crypto'
import { z } from 'zod'
import { decodeBase64Url } from '../base64.ts'
import { ContainerFault } from '../containerFault.ts'
import { inflate } from '../gzip.ts'
import { decodeUtf8, parseStrict, parseStrictObject } from '../strictJson.ts'
import { type ContainerHeader, FORMAT, few, LARGEST_FILE, LARGEST_PAYLOAD, openHeader, STEEPEST_RATIO } from './format.ts'
import { malformedFile, readingFile, shaped } from './reading.ts'

/** A container taken apart, before anything in it is believed. */
export interface OpenedContainer {
  header: ContainerHeader
  /** The gzip bytes, as they were hashed and signed. */
  payloadBytes: Buffer
  /** Lower-case hex SHA-256 of payloadBytes: `request_hash` and `prev_hash` of 7.3. */
  payloadHash: string
  /** What the signature is over: ASCII(protected + "." + payload). */
  signedData: Buffer
  signature: Buffer
}

const base64url = z.string().transform((text, context) => {
  const bytes = decodeBase64Url(text)
  if (bytes) return bytes
  context.addIssue({ code: 'custom', message: 'is not base64url', input: text })
  return z.NEVER
})
const outer = z.object({ protected: base64url, payload: base64url, signature: base64url })

/**
 * Takes a container apart; believes nothing yet. Refuses with ContainerFault: more than 64 MiB, another format, a signature algorithm
 * besides RS256 and ES256, a key that the header brings along or points to, a type that is none of the four.
 */
export function openContainer(file: Uint8Array): OpenedContainer {
  if (file.length > LARGEST_FILE) throw new ContainerFault('FILE_TOO_LARGE', 'The file is larger than 64 MiB.')
  const object = readingFile(() => parseStrictObject(decodeUtf8(file, 'file'), 'file', few))
  if (typeof object.format !== 'string') throw malformedFile('it names no format.')
  if (object.format !== FORMAT) throw new ContainerFault('UNSUPPORTED_VERSION', `The file is not of the format ${FORMAT}.`)
  const parts = shaped(outer, object)
  const header = openHeader(parts.protected)
  const signedData = Buffer.from(`${object.protected}.${object.payload}`, 'latin1')
  return {
    header,
    payloadBytes: parts.payload,
    payloadHash: createHash('sha256').update(parts.payload).digest('hex'),
    signedData,
    signature: parts.signature,
  }
}

/**
 * The payload's JSON. Ask for it after the signature held. Refuses with ContainerFault what inflates beyond 256 MiB or 200 times its size
 * (counted while inflating), and what is not strict JSON.
 */
export async function readPayload(opened: OpenedContainer): Promise<unknown> {
  const maxOutputLength = Math.min(LARGEST_PAYLOAD, opened.payloadBytes.length * STEEPEST_RATIO)
  const json = await inflate(opened.payloadBytes, maxOutputLength).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new ContainerFault('FILE_TOO_LARGE', 'The file inflates to more than is allowed.')
    throw malformedFile('its payload is not gzip.')
  })
  return readingFile(() => parseStrict(decodeUtf8(json, 'payload'), 'payload'))
}
