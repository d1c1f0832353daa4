import * as crypto from 'node:crypto'
import { promisify } from 'node:util'

type Bytes = string | Uint8Array
type SigningInput = crypto.SignKeyObjectInput & crypto.VerifyKeyObjectInput

/** The algorithms of a container's `alg` (7.2): "Only `RS256`/`ES256`". */
export type JoseAlgorithm = 'RS256' | 'ES256'

const signOnPool = promisify(crypto.sign) as (algorithm: string, data: Uint8Array, key: SigningInput) => Promise<Buffer>
const verifyOnPool = promisify(crypto.verify) as (
  algorithm: string,
  data: Uint8Array,
  key: SigningInput,
  signature: Uint8Array,
) => Promise<boolean>

/** "the key decides: RSA → RSASSA-PKCS1-v1_5 with SHA-256; P-256 → ECDSA with SHA-256, DER" (5.1). */
function scheme(key: crypto.KeyObject, dsaEncoding: 'der' | 'ieee-p1363' = 'der'): SigningInput {
  if (key.asymmetricKeyType === 'rsa') return { key, padding: crypto.constants.RSA_PKCS1_PADDING }
  if (key.asymmetricKeyType === 'ec') return { key, dsaEncoding }
  throw new Error(`A key of type ${key.asymmetricKeyType} signs nothing here`)
}

const bytesOf = (data: Bytes) => (typeof data === 'string' ? Buffer.from(data, 'utf8') : data)

/** Signs the bytes (a text's UTF-8) with SHA-256, on the thread pool: the main loop stays free for the other messages. */
export const sign = (key: crypto.KeyObject, data: Bytes): Promise<Buffer> => signOnPool('sha256', bytesOf(data), scheme(key))

/** The same at once, for programs that do nothing else. */
export const signNow = (key: crypto.KeyObject, data: Bytes): Buffer => crypto.sign('sha256', bytesOf(data), scheme(key))

/** Whether `signature` is the key's over the bytes, found out on the thread pool. A signature that is no signature is a wrong one. */
export const verify = (key: crypto.KeyObject, data: Bytes, signature: Uint8Array): Promise<boolean> =>
  verifyOnPool('sha256', bytesOf(data), scheme(key), signature)

/** The same at once: an RSA verification takes some 25 µs, about what the way to the thread pool and back takes. */
export const verifyNow = (key: crypto.KeyObject, data: Bytes, signature: Uint8Array): boolean =>
  crypto.verify('sha256', bytesOf(data), scheme(key), signature)

/** The `alg` that a container signed with this key carries. */
export const joseAlgorithm = (key: crypto.KeyObject): JoseAlgorithm => (key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256')

/** Signs for a container: as `sign`, but an elliptic signature is the two numbers side by side (RFC 7518, 3.4). */
export const signJose = (key: crypto.KeyObject, data: Bytes): Promise<Buffer> =>
  signOnPool('sha256', bytesOf(data), scheme(key, 'ieee-p1363'))

/** Whether a container's signature is right. An `alg` that is not the key's is a wrong signature: the sender does not choose how we check. */
export async function verifyJose(algorithm: string, key: crypto.KeyObject, data: Bytes, signature: Uint8Array): Promise<boolean> {
  return algorithm === joseAlgorithm(key) && verifyOnPool('sha256', bytesOf(data), scheme(key, 'ieee-p1363'), signature)
}
