import type { KeyObject } from 'node:crypto'
import { type Element, encode, nothing, oid, sequence } from './der.ts'

/** A way to sign certificates and requests: the kind of key and the digest. */
export type SignatureScheme = { keyType: 'rsa' | 'ec'; digest: 'sha256' | 'sha384' | 'sha512' }

const rsaWithSha256 = sequence(oid('1.2.840.113549.1.1.11'), nothing())
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

const inBytes = (algorithm: Element) => encode(algorithm).toString('latin1')

/** The schemes that we believe, each under the bytes of its AlgorithmIdentifier. SHA-1 is not among them, nor is anything older. */
const schemes = new Map<string, SignatureScheme>([
  [inBytes(rsaWithSha256), { keyType: 'rsa', digest: 'sha256' }],
  [inBytes(sequence(oid('1.2.840.113549.1.1.12'), nothing())), { keyType: 'rsa', digest: 'sha384' }],
  [inBytes(sequence(oid('1.2.840.113549.1.1.13'), nothing())), { keyType: 'rsa', digest: 'sha512' }],
  [inBytes(ecdsaWithSha256), { keyType: 'ec', digest: 'sha256' }],
  [inBytes(sequence(oid('1.2.840.10045.4.3.3'))), { keyType: 'ec', digest: 'sha384' }],
  [inBytes(sequence(oid('1.2.840.10045.4.3.4'))), { keyType: 'ec', digest: 'sha512' }],
])

/** The scheme that an AlgorithmIdentifier names; undefined for those that we do not believe. */
export const schemeOf = (algorithm: Element): SignatureScheme | undefined => schemes.get(inBytes(algorithm))

/** The AlgorithmIdentifier of what `sign` makes with this key. */
export const signatureAlgorithm = (key: KeyObject): Element => (key.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256)
