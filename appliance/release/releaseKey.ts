import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refuseUnless } from '../../src/rules/refusal.ts'

/** The names, in a release, of the key that signed it, and of the one that the next release may be signed with. */
export const releaseKeyFile = 'release-key.pem'
export const nextKeyFile = 'release-key-next.pem'

/** A pair for signing releases, in PEM. The private half belongs on a machine that nothing is installed on. */
export function newReleaseKey(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), publicKey: pemOf(publicKey) }
}

const pemOf = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }))

/** Reads a key in PEM; of a private one its public half, too. Refuses everything that is no Ed25519. */
export function publicHalf(pem: string): string {
  const key = createPublicKey(pem)
  refuseUnless(
    key.asymmetricKeyType === 'ed25519',
    'INVALID',
    'A release is signed with an Ed25519 key. "npm run release:key" makes one.',
    'key',
  )
  return pemOf(key)
}

export const signManifest = (bytes: Uint8Array, privateKey: string): Buffer => sign(null, bytes, createPrivateKey(privateKey))

/** What people compare: the beginning of the hash of the key, in groups. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256')
    .update(createPublicKey(publicKey).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32)
    .replace(/.{4}(?=.)/g, '$& ')

/** The one of `keys` that signed these bytes; undefined where none did. */
export const signerOf = (bytes: Uint8Array, signature: Uint8Array, keys: readonly string[]): string | undefined =>
  keys.find(key => verify(null, bytes, createPublicKey(key), signature))

/** The keys that a release, where it is installed, believes: its own, and the next one where it carries one. */
export const keysBelievedBy = (release: string): string[] =>
  [releaseKeyFile, nextKeyFile]
    .map(name => join(release, name))
    .filter(file => existsSync(file))
    .map(file => publicHalf(readFileSync(file, 'utf8')))
