import { createHash } from 'node:crypto'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import { decodeBase64Url } from './base64.ts'
import { ContainerFault } from './containerFault.ts'
import type { Sign } from './envelope/signing.ts'
import { type ContainerType, containerTypes } from './exchange/common.ts'
import { Malformed } from './malformed.ts'
import { decodeUtf8, parseStrict, parseStrictObject } from './strictJson.ts'

const FORMAT = 'slx/1'
const CONTENT = 'application/json+gzip'
const MIB = 1024 * 1024
/** Limits of 7.2. */
export const LARGEST_FILE = 64 * MIB
export const LARGEST_PAYLOAD = 256 * MIB
const STEEPEST_RATIO = 200

export type ContainerAlgorithm = 'RS256' | 'ES256'

/** The protected header of 7.2. `x5c`: the leaf's DER in base64 first, then its issuers without the root. */
export interface ContainerHeader {
  alg: ContainerAlgorithm
  typ: ContainerType
  kid: string | null
  x5c: string[]
}

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

export interface Contents {
  typ: ContainerType
  /** The signing certificate's serial number; null in a registration request, which no certificate signs. */
  kid: string | null
  x5c?: string[]
  alg?: ContainerAlgorithm
  payload: object
}

const compress = (json: string) => new Promise<Buffer>((done, fail) => gzip(json, (error, bytes) => (error ? fail(error) : done(bytes))))
const inflate = (bytes: Buffer, maxOutputLength: number) =>
  new Promise<Buffer>((done, fail) => gunzip(bytes, { maxOutputLength }, (error, json) => (error ? fail(error) : done(json))))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/**
 * The text of a container (file and HTTP body alike) and the hash of its payload bytes. `sign` gives the signature as JWS has it: for ES256
 * the two numbers side by side (IEEE P1363), not DER.
 */
export const sealContainer = async ({ payload, ...header }: Contents, sign: Sign) =>
  sealPayloadBytes({ ...header, payloadBytes: await compress(JSON.stringify(payload)) }, sign)

/** The same for a payload that is compressed already: one of many megabytes is never whole in memory. */
export async function sealPayloadBytes(
  { typ, kid, x5c, alg = 'RS256', payloadBytes }: Omit<Contents, 'payload'> & { payloadBytes: Buffer },
  sign: Sign,
) {
  const header = { alg, typ, cty: CONTENT, kid, ...(x5c && { x5c }) }
  const signed = { protected: Buffer.from(JSON.stringify(header)).toString('base64url'), payload: payloadBytes.toString('base64url') }
  const signature = await sign(Buffer.from(`${signed.protected}.${signed.payload}`, 'latin1'))
  const text = JSON.stringify({ format: FORMAT, ...signed, signature: signature.toString('base64url') })
  return { text, payloadHash: sha256(payloadBytes) }
}

const malformedFile = (what: string) => new ContainerFault('FILE_MALFORMED', `The file cannot be read: ${what}`)

const base64url = z.string().transform((text, context) => {
  const bytes = decodeBase64Url(text)
  if (bytes) return bytes
  context.addIssue({ code: 'custom', message: 'is not base64url', input: text })
  return z.NEVER
})
const outer = z.object({ protected: base64url, payload: base64url, signature: base64url })
const protectedHeader = z.object({
  alg: z.string(),
  typ: z.string(),
  cty: z.string(),
  kid: z.string().max(128).nullish(),
  x5c: z.array(z.string().max(16384)).max(8).nullish(),
})

/**
 * Takes a container apart; believes nothing yet. Refuses with ContainerFault: more than 64 MiB, another format, a signature algorithm
 * besides RS256 and ES256, a key that the header brings along or points to, a type that is none of the four.
 */
export function openContainer(file: Uint8Array): OpenedContainer {
  if (file.length > LARGEST_FILE) throw new ContainerFault('FILE_TOO_LARGE', 'The file is larger than 64 MiB.')
  const object = readingFile(() => parseStrictObject(decodeUtf8(file, 'file'), 'file'))
  if (object.format !== FORMAT) throw new ContainerFault('UNSUPPORTED_VERSION', `The file is not of the format ${FORMAT}.`)
  const parts = shaped(outer, object)
  const header = openHeader(parts.protected)
  const signedData = Buffer.from(`${object.protected}.${object.payload}`, 'latin1')
  return { header, payloadBytes: parts.payload, payloadHash: sha256(parts.payload), signedData, signature: parts.signature }
}

function openHeader(bytes: Buffer): ContainerHeader {
  const object = readingFile(() => parseStrictObject(decodeUtf8(bytes, 'protected'), 'protected'))
  const { alg, typ, cty, kid, x5c } = shaped(protectedHeader, object)
  if (alg !== 'RS256' && alg !== 'ES256') throw new ContainerFault('BAD_SIGNATURE', 'The file is not signed with RS256 or ES256.')
  const smuggled = ['jku', 'jwk', 'x5u'].find(name => object[name] !== undefined)
  if (smuggled) throw new ContainerFault('BAD_SIGNATURE', `The file brings its own key (${smuggled}).`)
  if (object.crit !== undefined)
    throw new ContainerFault('UNSUPPORTED_VERSION', 'The file needs an extension that is not known here (crit).')
  if (!isContainerType(typ)) throw new ContainerFault('WRONG_TYPE', 'The file is not a registration or synchronization file.')
  if (cty !== CONTENT) throw new ContainerFault('UNSUPPORTED_VERSION', `The content of the file is not ${CONTENT}.`)
  return { alg, typ, kid: kid ?? null, x5c: x5c ?? [] }
}

const isContainerType = (typ: string): typ is ContainerType => (containerTypes as readonly string[]).includes(typ)

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

function readingFile<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Malformed ? malformedFile(error.message) : error
  }
}

function shaped<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw malformedFile(`${result.error.issues[0]!.path.join('.')} is missing or wrong.`)
}
