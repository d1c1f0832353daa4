import type { KeyObject } from 'node:crypto'
import { type Element, nothing, oid, sequence } from './der.ts'

const rsaWithSha256 = '1.2.840.113549.1.1.11'
const ecdsaWithSha256 = '1.2.840.10045.4.3.2'

/** The signatures over certificates and requests that we believe, and the digest of each. SHA-1 is not among them, nor is anything older. */
export const signatureDigests: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  [rsaWithSha256]: 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  [ecdsaWithSha256]: 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

/** The AlgorithmIdentifier of what `sign` makes with this key. */
export const signatureAlgorithm = (key: KeyObject): Element =>
  key.asymmetricKeyType === 'rsa' ? sequence(oid(rsaWithSha256), nothing()) : sequence(oid(ecdsaWithSha256))
