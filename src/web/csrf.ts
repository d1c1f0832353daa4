import { randomBytes, timingSafeEqual } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import type { Visitor } from './visit.ts'

/** Where the token travels: a field of each form, and a header of what htmx sends. */
export const tokenField = '_token'
export const tokenHeader = 'X-Form-Token'

/**
 * The token for one answer: the secret under a fresh mask. Answers are compressed, and a text that is the same in each of them could be
 * guessed from their lengths (BREACH).
 */
export function maskToken(secret: string): string {
  const plain = Buffer.from(secret, 'base64url')
  const mask = randomBytes(plain.length)
  return Buffer.concat([mask, exclusiveOr(plain, mask)]).toString('base64url')
}

const exclusiveOr = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, i) => byte ^ b[i]!))

function unmask(token: string): Buffer {
  const bytes = Buffer.from(token, 'base64url')
  const half = bytes.length / 2
  return Number.isInteger(half) ? exclusiveOr(bytes.subarray(0, half), bytes.subarray(half)) : Buffer.alloc(0)
}

/** Whether `token` was made from `secret`, in constant time. */
export function tokenMatches(token: string, secret: string): boolean {
  const [given, expected] = [unmask(token), Buffer.from(secret, 'base64url')]
  return expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)
}

const outOfDate = 'This form is out of date, and nothing was changed. Go back, load the page again and send it once more.'

/** Refuses a change that comes from elsewhere by the browser's own word. */
export function checkOrigin({ request }: Visitor): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  // "no-referrer" makes a browser say "null" for the origin of a form; where it comes from is then in Sec-Fetch-Site alone.
  const fromHere =
    [undefined, 'same-origin'].includes(site as string) && [undefined, 'null', `https://${request.headers.host}`].includes(origin)
  refuseUnless(fromHere, 'NOT_ALLOWED', outOfDate)
}

/** Refuses a change that another site's page could have sent: it comes from elsewhere by the browser's own word, or without the token. */
export function checkForgery(visitor: Visitor): void {
  checkOrigin(visitor)
  const { request, formSecret } = visitor
  const sent: unknown = request.get(tokenHeader) ?? (request.body as Record<string, unknown> | undefined)?.[tokenField]
  refuseUnless(typeof sent === 'string' && tokenMatches(sent, formSecret), 'NOT_ALLOWED', outOfDate)
}
