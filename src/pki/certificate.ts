import { type KeyObject, X509Certificate } from 'node:crypto'
import { Refusal } from '../rules/refusal.ts'
import { type SignatureScheme, schemeOf } from './algorithms.ts'
import { decode, encode, firstInside, inside, isTagged } from './der.ts'
import { type Extensions, readExtensions } from './extensionReader.ts'
import { type Name, readName } from './names.ts'

/** A certificate, read: what chains are judged by, and what the other rooms ask of one. */
export type Certificate = Extensions & {
  x509: X509Certificate
  pem: string
  der: Buffer
  /** Decimal, as every message names a certificate (2.2). */
  serial: string
  subject: Name
  /** The two names as they are encoded: an issuer is known by the bytes of its name. */
  subjectDer: Buffer
  issuerDer: Buffer
  notBefore: Date
  notAfter: Date
  publicKey: KeyObject
  /** How it is signed; undefined for a way that we do not believe. */
  scheme: SignatureScheme | undefined
}

/** Reads a certificate from PEM (the first of a bundle) or DER. Refuses what is none. */
export function readCertificate(source: string | Buffer): Certificate {
  try {
    const x509 = new X509Certificate(source)
    return { ...readFields(x509.raw), ...readPlatform(x509) }
  } catch {
    throw new Refusal('MALFORMED', 'This is not an X.509 certificate.', 'certificate')
  }
}

/** The key in a certificate and nothing else of it, in half the time: what the device door asks of the ID certificate that it issued itself. */
export const publicKeyOf = (certificate: string | Buffer): KeyObject => new X509Certificate(certificate).publicKey

/** Cuts a bundle of PEM into its certificates, in their order; a text without any gives an empty list. */
export const splitBundle = (pem: string): string[] => pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

const readPlatform = (x509: X509Certificate) => ({
  x509,
  pem: x509.toString(),
  der: x509.raw,
  serial: BigInt(`0x${x509.serialNumber}`).toString(),
  notBefore: new Date(x509.validFrom),
  notAfter: new Date(x509.validTo),
  publicKey: x509.publicKey,
})

/** Certificate ::= { { [0] version, serial, algorithm, issuer, validity, subject, key, …, [3] extensions }, algorithm, signature } */
function readFields(der: Buffer) {
  const [, algorithm] = inside(decode(der))
  const [version, , , issuer, , subject, ...rest] = inside(decode(firstInside(der)))
  if (!isTagged(version!, 0)) throw new Error('A certificate of version 1 has no extensions to judge it by')
  const extensions = rest.find(field => isTagged(field, 3))
  return {
    scheme: schemeOf(algorithm!),
    issuerDer: encode(issuer!),
    subjectDer: encode(subject!),
    subject: readName(subject!),
    ...readExtensions(extensions ? inside(inside(extensions)[0]) : []),
  }
}
