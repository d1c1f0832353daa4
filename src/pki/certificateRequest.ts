import { type KeyObject, verify } from 'node:crypto'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { schemeOf, signatureAlgorithm } from './algorithms.ts'
import { bits, bytesOf, decode, encode, encoded, firstInside, inside, integer, sequence } from './der.ts'
import { type AlternativeNames, alternativeNames, requestedExtensions } from './extensions.ts'
import { pemOf } from './issue.ts'
import { type KeyPair, publicKeyDer, publicKeyHash, readPublicKey } from './keys.ts'
import { type Name, writeName } from './names.ts'
import { sign } from './signature.ts'

/** What a request proves: that who sent it holds this key. Its subject is not read: "subject ignored" (5.5). */
export type CertificateRequest = { publicKey: KeyObject; publicKeyHash: string }

const limit = 8 * 1024
const pattern = /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END \1CERTIFICATE REQUEST-----\s*$/

/** Makes a PKCS#10 request in PEM, signed with the key it asks for. Hosts become the alternative names it asks for. */
export async function makeCertificateRequest(key: KeyPair, subject: Name, names?: AlternativeNames): Promise<string> {
  const wishes = requestedExtensions(...(names ? [alternativeNames(names)] : []))
  const info = encode(sequence(integer(0), writeName(subject), encoded(publicKeyDer(key.publicKey)), wishes))
  const signature = await sign(key.privateKey, info)
  return pemOf('CERTIFICATE REQUEST', encode(sequence(encoded(info), signatureAlgorithm(key.privateKey), bits(signature))))
}

/**
 * Reads a request: "PEM PKCS#10, RSA ≥ 2048 (or P-256), ≤ 8 KiB" (5.5).
 * Refuses everything else, and one that is not signed with its own key; whatever a parser stumbles over is the same refusal.
 */
export function readCertificateRequest(pem: string): CertificateRequest {
  refuseUnless(pem.length <= limit, 'MALFORMED', 'The certificate request exceeds 8 KiB.', 'csr')
  const { info, scheme, signature, key } = takeApart(pem)
  const publicKey = readKey(key)
  const known = scheme?.keyType === publicKey.asymmetricKeyType
  refuseUnless(scheme && known, 'MALFORMED', 'The certificate request is signed with an algorithm that is not accepted.', 'csr')
  const proven = verify(scheme.digest, info, publicKey, signature)
  refuseUnless(proven, 'MALFORMED', 'The certificate request is not signed with its own key.', 'csr')
  return { publicKey, publicKeyHash: publicKeyHash(publicKey) }
}

/** CertificationRequest ::= { { version, subject, key, [0] attributes }, algorithm, signature } */
function takeApart(pem: string) {
  try {
    const der = Buffer.from(pattern.exec(pem)![2]!, 'base64')
    const [information, algorithm, signature] = inside(decode(der))
    const parts = { info: firstInside(der), signature: bytesOf(signature).subarray(1) }
    // What no signature protects must be as we would write it: then two requests are the same only if their bytes are.
    if (!encode(sequence(encoded(parts.info), algorithm!, bits(parts.signature))).equals(der)) throw new Error('This is not DER')
    return { ...parts, scheme: schemeOf(algorithm!), key: encode(inside(information)[2]!) }
  } catch {
    throw new Refusal('MALFORMED', 'The certificate request is not a PKCS#10 request in PEM.', 'csr')
  }
}

function readKey(der: Buffer) {
  try {
    return readPublicKey(der)
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('MALFORMED', error.message, 'csr') : error
  }
}
