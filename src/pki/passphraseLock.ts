import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import { z } from 'zod'
import { Refusal, refuseUnless } from '../rules/refusal.ts'

/** RFC 9106, 4: "t=3 iterations, p=4 lanes, m=2^(16) (64 MiB of RAM)". */
const cost = { memory: 65_536, passes: 3, lanes: 4 }

const base64 = (bytes: number) => z.string().refine(text => Buffer.from(text, 'base64').length === bytes)

/** A key behind a passphrase. The bounds keep a file that somebody made up from taking the machine's memory. */
export const passphraseLock = z.object({
  kdf: z.literal('argon2id'),
  memory: z.int().min(8192).max(1_048_576),
  passes: z.int().min(1).max(16),
  lanes: z.int().min(1).max(16),
  salt: base64(16),
  key: base64(32 + 16),
})
export type PassphraseLock = z.infer<typeof passphraseLock>

/** Shorter ones are found by trying. */
export const shortestPassphrase = 12

/** The same passphrase, whichever keyboard wrote its accents. */
const derive = (passphrase: string, { memory, passes, lanes, salt }: Omit<PassphraseLock, 'key' | 'kdf'>) =>
  hashRaw(passphrase.normalize('NFC'), {
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    outputLen: 32,
    salt: Buffer.from(salt, 'base64'),
  })

/** What argon2id made of a salt of its own locks one key alone, so that the nonce need not be told. */
const nonce = Buffer.alloc(12)

/** Locks a key of 32 bytes with a passphrase. */
export async function lockKey(key: Uint8Array, passphrase: string): Promise<PassphraseLock> {
  const given = { ...cost, salt: randomBytes(16).toString('base64') }
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, given), nonce)
  const locked = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()])
  return { kdf: 'argon2id', ...given, key: locked.toString('base64') }
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
