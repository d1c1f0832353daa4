import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { Certificate } from './certificate.ts'
import { keyComplaint } from './keys.ts'
import { accountCa, messageSigner, partOf } from './names.ts'

/**
 * What a certificate is shown for. All but `authority` sign messages, and one must not pass for another: a product holds a certificate of the account CA
 * and must not sign replies or files with it, and no server may sign in the cloud's name.
 */
export type Purpose = 'idCertificate' | 'messageSigner' | 'cloudSigner' | 'authority'

/** A chain: the certificate itself, then its issuers up to a root. */
export type Path = [Certificate, ...Certificate[]]

const mostIntermediates = 8
const longestPath = 5

/**
 * Follows `leaf` up to one of `roots` and gives the chain. Nothing is asked of the network.
 * Refuses with UNTRUSTED_CERT what does not lead there or breaks a rule of RFC 5280, and with CERT_EXPIRED what is only outside its dates.
 * Where several ways lead up (an account CA that was issued again), one that holds is enough.
 */
export function verifyChain(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
  now: Date,
  { purpose }: { purpose: Purpose },
): Path {
  let refusal: unknown = new Refusal('UNTRUSTED_CERT', `The certificate of ${label(leaf)} does not lead to a trusted root.`)
  for (const path of pathsFrom(leaf, intermediates.slice(0, mostIntermediates), roots)) {
    try {
      checkPath(path, purpose, now)
      return path
    } catch (error) {
      refusal = error
    }
  }
  throw refusal
}

/** Every way from the certificate to a root along names and signatures. */
function* pathsFrom(
  certificate: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
  depth = 1,
): Generator<Path> {
  for (const root of roots) if (isIssuedBy(certificate, root)) yield [certificate, root]
  if (depth >= longestPath) return
  for (const issuer of intermediates) {
    if (!isIssuedBy(certificate, issuer)) continue
    const others = intermediates.filter(other => other !== issuer)
    for (const path of pathsFrom(issuer, others, roots, depth + 1)) yield [certificate, ...path]
  }
}

/** Whether the issuer's name stands in the certificate and its key signed it. */
export const isIssuedBy = (certificate: Certificate, issuer: Certificate) =>
  certificate.issuerDer.equals(issuer.subjectDer) && certificate.x509.verify(issuer.publicKey)

function checkPath(path: Path, purpose: Purpose, now: Date): void {
  path.forEach(checkStrength)
  path.slice(1).forEach(checkIssuer)
  purposes[purpose](path)
  for (const certificate of path) checkDates(certificate, now)
}

function checkStrength(certificate: Certificate): void {
  trust(certificate.scheme, `The certificate of ${label(certificate)} is signed with an algorithm that is not accepted.`)
  trust(!keyComplaint(certificate.publicKey), `The certificate of ${label(certificate)} has a key that is too weak or of an unknown kind.`)
  trust(!certificate.hasUnknownDuty, `The certificate of ${label(certificate)} demands something that is not known here.`)
}

/** `below` authorities stand between this issuer and the certificate at the end. */
function checkIssuer(issuer: Certificate, below: number): void {
  trust(issuer.isAuthority, `${label(issuer)} is not an authority and cannot issue certificates.`)
  trust(issuer.mayCertify, `The key of ${label(issuer)} must not sign certificates.`)
  trust(below <= (issuer.pathLength ?? below), `${label(issuer)} must not have that many authorities below it.`)
}

function checkDates(certificate: Certificate, now: Date): void {
  const { notBefore, notAfter } = certificate
  refuseUnless(now >= notBefore, 'CERT_EXPIRED', `The certificate of ${label(certificate)} is not valid before ${notBefore.toISOString()}.`)
  refuseUnless(now <= notAfter, 'CERT_EXPIRED', `The certificate of ${label(certificate)} has expired on ${notAfter.toISOString()}.`)
}

const purposes: Record<Purpose, (path: Path) => void> = {
  authority: ([leaf]) => checkIssuer(leaf, 0),
  idCertificate: ([leaf]) => {
    checkSigner(leaf)
    trust(leaf.uris?.length, `The certificate of ${label(leaf)} is not an ID certificate.`)
  },
  messageSigner: ([leaf]) => {
    checkSigner(leaf)
    trust(partOf(leaf.subject, 'CN') === messageSigner && !leaf.uris, `The certificate of ${label(leaf)} is not a message signer's.`)
  },
  cloudSigner: ([leaf, ...issuers]) => {
    checkSigner(leaf)
    const belongsToServer = partOf(leaf.subject, 'serialNumber') || issuers.some(issuer => partOf(issuer.subject, 'CN') === accountCa)
    trust(!belongsToServer, `The certificate of ${label(leaf)} is a server's, not the cloud's.`)
  },
}

function checkSigner(leaf: Certificate): void {
  trust(!leaf.isAuthority && leaf.maySignMessages, `The certificate of ${label(leaf)} is not for signing messages.`)
}

function trust(condition: unknown, sentence: string): asserts condition {
  refuseUnless(condition, 'UNTRUSTED_CERT', sentence)
}

const label = (certificate: Certificate) => `'${partOf(certificate.subject, 'CN') ?? 'an unnamed subject'}'`
