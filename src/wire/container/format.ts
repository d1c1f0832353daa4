import { z } from 'zod'
import { ContainerFault } from '../containerFault.ts'
import { type ContainerType, containerTypes } from '../exchange/common.ts'
import { decodeUtf8, parseStrictObject } from '../strictJson.ts'
import { readingFile, shaped } from './reading.ts'

export const FORMAT = 'slx/1'
export const CONTENT = 'application/json+gzip'

/** The limits of 7.2, in bytes and as a ratio. */
export const LARGEST_FILE = 64 * 1024 * 1024
export const LARGEST_PAYLOAD = 256 * 1024 * 1024
export const STEEPEST_RATIO = 200

/** What is read before the signature held has a few members, and no more: an upload of keys alone would hold millions. */
export const few = { mostValues: 256 }

export type ContainerAlgorithm = 'RS256' | 'ES256'

/** The protected header of 7.2. `x5c`: the leaf's DER in base64 first, then its issuers without the root. */
export interface ContainerHeader {
  alg: ContainerAlgorithm
  typ: ContainerType
  kid: string | null
  x5c: string[]
}

const protectedHeader = z.object({
  alg: z.string(),
  typ: z.string(),
  cty: z.string(),
  kid: z.string().max(128).nullish(),
  x5c: z.array(z.string().max(16384)).max(8).nullish(),
})

/**
 * The protected header out of its JSON. Refuses with ContainerFault a signature algorithm besides RS256 and ES256, a key that the header
 * brings along or points to, an extension that must be understood, a type that is none of the four.
 */
export function openHeader(bytes: Buffer): ContainerHeader {
  const object = readingFile(() => parseStrictObject(decodeUtf8(bytes, 'protected'), 'protected', few))
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
