import { createHash } from 'node:crypto'
import { ContainerFault } from '../containerFault.ts'
import type { Sign } from '../envelope/signing.ts'
import type { ContainerType } from '../exchange/common.ts'
import { compress } from '../gzip.ts'
import { CONTENT, type ContainerAlgorithm, FORMAT, LARGEST_FILE } from './format.ts'

/** What the protected header says. */
export interface Heading {
  typ: ContainerType
  /** The signing certificate's serial number; null in a registration request, which no certificate signs. */
  kid: string | null
  x5c?: string[]
  alg?: ContainerAlgorithm
}

export interface SealedContainer {
  text: string
  /** Lower-case hex SHA-256 of the payload bytes. */
  payloadHash: string
}

/**
 * The text of a container (file and HTTP body alike) and the hash of its payload bytes. `sign` gives the signature as JWS has it: for ES256
 * the two numbers side by side (IEEE P1363), not DER. Refuses with ContainerFault what would be larger than a file may be.
 */
export const sealContainer = async ({ payload, ...heading }: Heading & { payload: object }, sign: Sign): Promise<SealedContainer> =>
  sealPayloadBytes({ ...heading, payloadBytes: await compress(JSON.stringify(payload)) }, sign)

/** The same for a payload that is compressed already: one of many megabytes is never whole in memory. */
export async function sealPayloadBytes(
  { typ, kid, x5c, alg = 'RS256', payloadBytes }: Heading & { payloadBytes: Buffer },
  sign: Sign,
): Promise<SealedContainer> {
  const header = { alg, typ, cty: CONTENT, kid, ...(x5c && { x5c }) }
  const signed = { protected: Buffer.from(JSON.stringify(header)).toString('base64url'), payload: payloadBytes.toString('base64url') }
  const signature = await sign(Buffer.from(`${signed.protected}.${signed.payload}`, 'latin1'))
  const text = JSON.stringify({ format: FORMAT, ...signed, signature: signature.toString('base64url') })
  if (text.length > LARGEST_FILE) throw new ContainerFault('FILE_TOO_LARGE', 'The file would be larger than 64 MiB.')
  return { text, payloadHash: createHash('sha256').update(payloadBytes).digest('hex') }
}
