import { createHash, type KeyObject, randomBytes } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import { signatureAlgorithm } from './algorithms.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { bits, type Element, encode, encoded, integer, positive, sequence, tagged, time } from './der.ts'
import { issuerKey, subjectKey } from './extensions.ts'
import { type KeyPair, publicKeyDer } from './keys.ts'
import { type Name, writeName } from './names.ts'
import { sign } from './signature.ts'

/** What signs certificates: a key, and the parts that are the same in all of them. */
type Signatory = { privateKey: KeyObject; name: Element; algorithm: Element; extensions: Element[] }

/** An authority: a signatory with a certificate of its own. */
export type Issuer = Signatory & { certificate: Certificate }

/** What a certificate is to say. The issuer adds its name and the identifiers of the two keys. */
export type Draft = { subject: Name; publicKey: KeyObject; notBefore: Date; notAfter: Date; extensions: Element[] }

/** A certificate that is built and not signed: its serial number is known already. */
export type UnsignedCertificate = { serial: string; notBefore: Date; notAfter: Date; toBeSigned: Buffer; issuer: Signatory }

/** A certificate as it leaves this room. */
export type IssuedCertificate = { pem: string; der: Buffer; serial: string; notBefore: Date; notAfter: Date }

/** A certificate with the key it was made for. */
export type Credential = IssuedCertificate & { privateKey: KeyObject }

/** Opens an authority that has a certificate. Refuses a key that is not the certificate's. */
export function openIssuer(certificatePem: string, privateKey: KeyObject): Issuer {
  const certificate = readCertificate(certificatePem)
  refuseUnless(
    certificate.x509.checkPrivateKey(privateKey),
    'INVALID',
    'The private key does not belong to this certificate.',
    'privateKey',
  )
  const extensions = certificate.keyId ? [issuerKey(certificate.keyId)] : []
  return { privateKey, certificate, name: encoded(certificate.subjectDer), algorithm: signatureAlgorithm(privateKey), extensions }
}

/** An authority that signs its own certificate. */
export const selfIssuer = (subject: Name, { privateKey, publicKey }: KeyPair): Signatory => ({
  privateKey,
  name: writeName(subject),
  algorithm: signatureAlgorithm(privateKey),
  extensions: [issuerKey(keyIdOf(publicKeyDer(publicKey)))],
})

/** Builds what is to be signed, with a random serial number. */
export function prepareCertificate({ subject, publicKey, notBefore, notAfter, extensions }: Draft, issuer: Signatory): UnsignedCertificate {
  const serial = randomSerial()
  const key = publicKeyDer(publicKey)
  const toBeSigned = sequence(
    tagged(0, integer(2)),
    positive(serial),
    issuer.algorithm,
    issuer.name,
    sequence(time(notBefore), time(notAfter)),
    writeName(subject),
    encoded(key),
    tagged(3, sequence(...extensions, subjectKey(keyIdOf(key)), ...issuer.extensions)),
  )
  return { serial: serial.readBigUInt64BE().toString(), notBefore, notAfter, toBeSigned: encode(toBeSigned), issuer }
}

/** Signs what was prepared, on the thread pool. */
export async function signCertificate({
  toBeSigned,
  issuer,
  serial,
  notBefore,
  notAfter,
}: UnsignedCertificate): Promise<IssuedCertificate> {
  const signature = await sign(issuer.privateKey, toBeSigned)
  const der = encode(sequence(encoded(toBeSigned), issuer.algorithm, bits(signature)))
  return { der, pem: pemOf('CERTIFICATE', der), serial, notBefore, notAfter }
}

/** Builds and signs in one go. */
export const issueCertificate = (draft: Draft, issuer: Signatory): Promise<IssuedCertificate> =>
  signCertificate(prepareCertificate(draft, issuer))

/** DER as text, in lines of 64 characters (RFC 7468). */
export const pemOf = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`

/** "random positive 63-bit serial" (5.11): it fits a bigint column. Its first byte is never 0, so that its bytes are its shortest encoding. */
function randomSerial(): Buffer {
  const serial = randomBytes(8)
  serial[0] = serial[0]! & 0x7f || 1
  return serial
}

/** The leftmost 160 bits of the SHA-256 of the SubjectPublicKeyInfo (RFC 7093, 2, method 4). */
const keyIdOf = (publicKey: Buffer) => createHash('sha256').update(publicKey).digest().subarray(0, 20)
