import { decodeBase64 } from '../wire/base64.ts'
import { normaliseToken } from '../wire/token.ts'

/** What a token's text says: which row it means, and the whole plain text, of which a keyed hash is kept. */
export type TokenText = { id: string; plain: string }

const shape = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d{1,15}\|[A-Za-z0-9+/]{43}=$/

/** "base64 of `<uuid>-<expiry epoch ms>|<base64 secret>`" (wire-device 2.7). */
export const writeTokenText = (token: { id: string; expiresAt: Date }, secret: Buffer): { text: string; plain: string } => {
  const plain = `${token.id}-${token.expiresAt.getTime()}|${secret.toString('base64')}`
  return { text: Buffer.from(plain).toString('base64'), plain }
}

/** Reads a token as people paste it: URL-encoded or not, with line breaks or without. Undefined for what can be no token of ours. */
export function readTokenText(text: string): TokenText | undefined {
  const plain = decodeBase64(normaliseToken(text))?.toString('latin1') ?? ''
  const id = shape.exec(plain)?.[1]
  return id === undefined ? undefined : { id, plain }
}
