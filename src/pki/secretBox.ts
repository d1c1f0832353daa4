import { createCipheriv, createDecipheriv, createHmac, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'

/** Encrypts what the database keeps secret, and makes searchable fingerprints of what it must find again without knowing it. */
export type SecretBox = {
  /** Encrypts `plain`. `purpose` says what it is, and only the same purpose opens it: a sealed token cannot be put where a password is read. */
  seal(plain: string | Uint8Array, purpose: string): Buffer
  /** Opens what was sealed. A fault, when it was tampered with, sealed for another purpose or under a key that this box does not have. */
  open(sealed: Uint8Array, purpose: string): Buffer
  /** A fingerprint that only the holder of the key can make: 32 bytes, the same for the same text and purpose. */
  keyedHash(text: string, purpose: string): Buffer
  /** Whether it was sealed under a former key: the rotation seals it anew. */
  isOutdated(sealed: Uint8Array): boolean
}

const version = 1
const idLength = 8
const nonceLength = 12
const tagLength = 16
const headerLength = 1 + idLength

/**
 * A box under `key`; what was sealed under one of the `former` keys can still be opened.
 * A sealed text is: format byte, key id, nonce, what AES-256-GCM made, its tag. Format and key id are authenticated with the purpose.
 */
export function makeSecretBox(key: KeyObject, former: readonly KeyObject[] = []): SecretBox {
  const rings = [key, ...former].map(makeRing)
  const current = rings[0]!
  const ringOf = (sealed: Uint8Array) => rings.find(ring => ring.id.equals(Buffer.from(sealed).subarray(1, headerLength)))
  return {
    seal: (plain, purpose) => seal(current, plain, purpose),
    open: (sealed, purpose) => open(ringOf(sealed), Buffer.from(sealed), purpose),
    keyedHash: (text, purpose) =>
      createHmac('sha256', current.subkey(`hash ${purpose}`))
        .update(text, 'utf8')
        .digest(),
    isOutdated: sealed => ringOf(sealed) !== current,
  }
}

/** A key with its id and the subkeys derived from it, one for each thing done with it. */
type Ring = { id: Buffer; subkey(use: string): Buffer }

function makeRing(key: KeyObject): Ring {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, '', `quartermaster 1 ${use}`, 32))
  const subkeys = new Map<string, Buffer>()
  const subkey = (use: string) => subkeys.get(use) ?? subkeys.set(use, derive(use)).get(use)!
  return { id: derive('id').subarray(0, idLength), subkey }
}

function seal(ring: Ring, plain: string | Uint8Array, purpose: string): Buffer {
  const header = Buffer.concat([Buffer.of(version), ring.id])
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', ring.subkey('seal'), nonce).setAAD(Buffer.concat([header, Buffer.from(purpose)]))
  const hidden = Buffer.concat([cipher.update(typeof plain === 'string' ? Buffer.from(plain) : plain), cipher.final()])
  return Buffer.concat([header, nonce, hidden, cipher.getAuthTag()])
}

function open(ring: Ring | undefined, sealed: Buffer, purpose: string): Buffer {
  if (!ring || sealed[0] !== version) throw new Error('This was not sealed under the server key at hand')
  if (sealed.length < headerLength + nonceLength + tagLength) throw new Error('This was sealed once and has lost a part since')
  const nonce = sealed.subarray(headerLength, headerLength + nonceLength)
  const decipher = createDecipheriv('aes-256-gcm', ring.subkey('seal'), nonce, { authTagLength: tagLength })
  decipher.setAAD(Buffer.concat([sealed.subarray(0, headerLength), Buffer.from(purpose)])).setAuthTag(sealed.subarray(-tagLength))
  return Buffer.concat([decipher.update(sealed.subarray(headerLength + nonceLength, -tagLength)), decipher.final()])
}
