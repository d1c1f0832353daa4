import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * What a table keeps of a client's secret or of an access token. Both are 256 random bits of ours, so that one round of a hash is as good as
 * many; and no key of the server is in it, so that they outlive the rotation of that key.
 */
export const hashApiSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

const nobody = randomBytes(32)

/** Whether `secret` is the one behind `stored`, in the same time for any secret and where there is nothing stored. */
export const apiSecretMatches = (stored: Buffer | undefined, secret: string): boolean =>
  timingSafeEqual(stored ?? nobody, hashApiSecret(secret)) && stored !== undefined
