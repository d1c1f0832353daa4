import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { type Certificate, readCertificate, splitBundle } from './certificate.ts'
import { decode } from './der.ts'
import { type Name, partOf, readName } from './names.ts'

/** A bundle of the authorities of a large company has some dozens; this fits into a form of the pages. */
const largestBundle = 192 * 1024
const mostAtOnce = 200

const shortName = (name: Name) => partOf(name, 'CN') ?? partOf(name, 'O') ?? partOf(name, 'OU') ?? 'an authority without a name'

/** What people know an authority by. */
export const nameOf = ({ subject }: Pick<Certificate, 'subject'>): string => shortName(subject)

/** Who vouches for it; its own name, where it is a root. */
export const issuerOf = ({ issuerDer }: Pick<Certificate, 'issuerDer'>): string => shortName(readName(decode(issuerDer)))

/** SHA-256 of a certificate, in hexadecimal. */
export const fingerprintOf = ({ x509 }: Pick<Certificate, 'x509'>): string => x509.fingerprint256.replaceAll(':', '').toLowerCase()

/**
 * Reads authorities to trust for TLS, one or many, from PEM. Refuses the whole text, naming the certificate, when one of them is no authority,
 * is outside its dates or has a weak key; and a text that holds a private key, which belongs nowhere but where it was made.
 */
export function readTrustAnchors(pem: string, now: Date): Certificate[] {
  const say: (condition: unknown, sentence: string) => asserts condition = (condition, sentence) =>
    refuseUnless(condition, 'INVALID', sentence, 'certificates')
  say(Buffer.byteLength(pem) <= largestBundle, 'This is more than 192 KiB. Import the certificates in parts.')
  say(!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem), 'There is a private key in this text. Take it out: only certificates are asked for.')
  const parts = splitBundle(pem)
  say(parts.length > 0, 'There is no certificate in PEM in this text: it begins with -----BEGIN CERTIFICATE-----.')
  say(parts.length <= mostAtOnce, `These are more than ${mostAtOnce} certificates. Import them in parts.`)
  return parts.map((part, index) => readOne(part, parts.length > 1 ? `Certificate ${index + 1}` : 'The certificate', now))
}

function readOne(pem: string, which: string, now: Date): Certificate {
  const refuse = (sentence: string) => new Refusal('INVALID', sentence, 'certificates')
  const certificate = read(pem)
  if (!certificate) throw refuse(`${which} cannot be read. It must be X.509, version 3, in PEM.`)
  const called = `${which} (${nameOf(certificate)})`
  const { isAuthority, mayCertify, notBefore, notAfter, publicKey } = certificate
  if (!isAuthority || !mayCertify) throw refuse(`${called} is not that of an authority. Import the one that issued it.`)
  if (now > notAfter) throw refuse(`${called} expired on ${notAfter.toISOString().slice(0, 10)}.`)
  if (now < notBefore) throw refuse(`${called} is not valid before ${notBefore.toISOString().slice(0, 10)}.`)
  const { modulusLength = 2048 } = publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength < 2048) throw refuse(`${called} has a key of ${modulusLength} bits, which is too weak; it takes 2048.`)
  return certificate
}

function read(pem: string): Certificate | undefined {
  try {
    return readCertificate(pem)
  } catch {
    return undefined
  }
}
