import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A secret that nobody can guess: 192 bits, in characters that a URL and a form take as they are. */
export const makeSecret = (): string => randomBytes(24).toString('base64url')

/** What is kept of a secret that only others need to know. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether two texts are the same, found out in the same time whatever they are. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(hashOf(a)), Buffer.from(hashOf(b)))
