import { z } from 'zod'
import { decodeBase64 } from '../base64.ts'
import { optional } from '../fields.ts'

/** Signs bytes; whoever owns the key passes it in, because this room holds none. RSA: PKCS#1 v1.5 with SHA-256. P-256: ECDSA, DER (5.1). */
export type Sign = (data: Buffer) => Promise<Buffer> | Buffer
/** Says whether `signature` is the key's own over `data`. */
export type Verify = (data: Buffer, signature: Buffer) => Promise<boolean> | boolean

/** `signature` of an envelope, as bytes. Null where the message carries none, which only HELLO may. */
export const signature = optional(
  z.object({
    type: z.enum(['SHA-256', 'SHA256'], 'Must be SHA-256.'),
    value: z.string().transform((value, context) => {
      const bytes = decodeBase64(value)
      if (bytes) return bytes
      context.addIssue({ code: 'custom', message: 'Must be base64.', input: value })
      return z.NEVER
    }),
  }),
).transform(present => present?.value ?? null)

/** `credential`: null or absent (5.1). */
export const credential = z.null('Must be null.').optional()

/** The outer object around `text` under the name `member`, signed over exactly the bytes of `text`. */
export async function seal(member: 'request' | 'response', text: string, sign: Sign | null): Promise<Buffer> {
  const signature = sign && { type: 'SHA-256', value: (await sign(Buffer.from(text))).toString('base64') }
  return Buffer.from(JSON.stringify({ signature, credential: null, [member]: text }))
}
