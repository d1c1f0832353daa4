import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal, refuseUnless } from '../rules/refusal.ts'

/** A private key and the public one that belongs to it. */
export type KeyPair = { privateKey: KeyObject; publicKey: KeyObject }

const generate = promisify(generateKeyPair)

/** Makes an RSA key, on the thread pool. 2,048 bits are what agents in the field sign with (2.8). */
export const makeRsaKey = (modulusLength: 2048 | 3072 | 4096 = 2048): Promise<KeyPair> => generate('rsa', { modulusLength })

/** Makes a P-256 key, on the thread pool. */
export const makeP256Key = (): Promise<KeyPair> => generate('ec', { namedCurve: 'P-256' })

/** The private key as PKCS#8 PEM, in clear: seal it before it is kept. */
export const privateKeyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string

/** The public key as SubjectPublicKeyInfo PEM. */
export const publicKeyPem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string

/** The public key as SubjectPublicKeyInfo DER. */
export const publicKeyDer = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

/** Reads a private key from PEM. Refuses what is none, and the kinds and sizes that nobody here signs with. */
export function readPrivateKey(pem: string): KeyObject {
  try {
    return acceptable(createPrivateKey(pem))
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('MALFORMED', 'This is not a private key in PEM.', 'privateKey')
  }
}

/** Reads a public key from SubjectPublicKeyInfo, PEM or DER. Refuses what is none, and the kinds and sizes that nobody here signs with. */
export function readPublicKey(source: string | Buffer): KeyObject {
  try {
    return acceptable(typeof source === 'string' ? createPublicKey(source) : createPublicKey({ key: source, format: 'der', type: 'spki' }))
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('MALFORMED', 'This is not a public key.', 'publicKey')
  }
}

function acceptable(key: KeyObject): KeyObject {
  const complaint = keyComplaint(key)
  refuseUnless(!complaint, 'MALFORMED', complaint ?? '', 'key')
  return key
}

/**
 * What is wrong with a key, in one sentence; undefined for the kinds that 5.5 lets in: "RSA ≥ 2048 (or P-256)".
 * Sizes have an upper bound because a key with a huge modulus or exponent makes each verification cost milliseconds.
 */
export function keyComplaint(key: KeyObject): string | undefined {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'ec') return namedCurve === 'prime256v1' ? undefined : 'The curve of the key must be P-256.'
  if (key.asymmetricKeyType !== 'rsa') return 'The key must be RSA or P-256.'
  if (modulusLength < 2048 || modulusLength > 8192) return 'An RSA key must have 2048 to 8192 bits.'
  return publicExponent > 2n ** 32n ? 'The exponent of the RSA key is too large.' : undefined
}

/** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal: the short name of a key. */
export const publicKeyHash = (key: KeyObject): string => createHash('sha256').update(publicKeyDer(key)).digest('hex')
