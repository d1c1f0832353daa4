import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { hashRaw } from '@node-rs/argon2'
import { z } from 'zod'
import { Refusal, refuseUnless } from '../rules/refusal.ts'

/** RFC 9106, 4: "t=3 iterations, p=4 lanes, m=2^(16) (64 MiB of RAM)". */
const cost = { memory: 65_536, passes: 3, lanes: 4 }

/** SP 800-132 leaves the count to whoever uses it: as many as take about as long as the other way. */
const approvedCost = { iterations: 1_000_000 }

const base64 = (bytes: number) => z.string().refine(text => Buffer.from(text, 'base64').length === bytes)
const locked = { salt: base64(16), key: base64(32 + 16) }

/** A key behind a passphrase. The bounds keep a file that somebody made up from taking the machine's memory or its time. */
export const passphraseLock = z.discriminatedUnion('kdf', [
  z.object({
    kdf: z.literal('argon2id'),
    memory: z.int().min(8192).max(1_048_576),
    passes: z.int().min(1).max(16),
    lanes: z.int().min(1).max(16),
    ...locked,
  }),
  z.object({ kdf: z.literal('pbkdf2-sha256'), iterations: z.int().min(100_000).max(10_000_000), ...locked }),
])
export type PassphraseLock = z.infer<typeof passphraseLock>

type Given<Lock> = Lock extends unknown ? Omit<Lock, 'key'> : never

/** Shorter ones are found by trying. */
export const shortestPassphrase = 12

const stretch = promisify(pbkdf2)

/** The same passphrase, whichever keyboard wrote its accents. */
function derive(passphrase: string, given: Given<PassphraseLock>): Promise<Buffer> {
  const [words, salt] = [passphrase.normalize('NFC'), Buffer.from(given.salt, 'base64')]
  if (given.kdf === 'pbkdf2-sha256') return stretch(words, salt, given.iterations, 32, 'sha256')
  return hashRaw(words, { memoryCost: given.memory, timeCost: given.passes, parallelism: given.lanes, outputLen: 32, salt })
}

/** What was made of a salt of its own locks one key alone, so that the nonce need not be told. */
const nonce = Buffer.alloc(12)

/** Locks a key of 32 bytes with a passphrase: by argon2id, or where `fips` asks for approved algorithms alone by PBKDF2-HMAC-SHA-256. */
export async function lockKey(key: Uint8Array, passphrase: string, { fips = false } = {}): Promise<PassphraseLock> {
  const salt = randomBytes(16).toString('base64')
  const given = fips ? ({ kdf: 'pbkdf2-sha256', ...approvedCost, salt } as const) : ({ kdf: 'argon2id', ...cost, salt } as const)
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, given), nonce)
  const locked = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()])
  return { ...given, key: locked.toString('base64') }
}

/** Gives the key back to whoever knows the passphrase. */
export async function unlockKey(lock: PassphraseLock, passphrase: string): Promise<Buffer> {
  refuseUnless(passphrase.length > 0, 'INVALID', 'Give the passphrase.', 'passphrase')
  const locked = Buffer.from(lock.key, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', await derive(passphrase, lock), nonce, { authTagLength: 16 }).setAuthTag(
    locked.subarray(-16),
  )
  try {
    return Buffer.concat([decipher.update(locked.subarray(0, -16)), decipher.final()])
  } catch {
    throw new Refusal('INVALID', 'This is not the passphrase of this file.', 'passphrase')
  }
}
