import type { KeyObject } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import { type Certificate, readCertificate, splitBundle } from './certificate.ts'
import { isIssuedBy } from './trustChain.ts'

/** What a TLS server shows: its certificate and those of its issuers, in the order in which they are sent. */
export type TlsChain = { pem: string; certificate: Certificate }

/**
 * Takes a certificate that another authority made, as an administrator brings it for 8443: PEM, with its issuers in any order.
 * Refuses a bundle without the key's certificate, and a certificate that browsers refuse for its dates or because it names no host.
 */
export function readTlsChain(bundle: string, privateKey: KeyObject, now: Date): TlsChain {
  const certificates = splitBundle(bundle).map(readCertificate)
  refuseUnless(certificates.length > 0, 'INVALID', 'This holds no certificate in PEM.', 'certificate')
  const certificate = certificates.find(candidate => candidate.x509.checkPrivateKey(privateKey))
  refuseUnless(certificate, 'INVALID', 'None of these certificates belongs to the private key.', 'certificate')
  refuseUnless(certificate.x509.subjectAltName, 'INVALID', 'The certificate names no host among its alternative names.', 'certificate')
  refuseUnless(now >= certificate.notBefore, 'CERT_EXPIRED', 'The certificate is not valid yet.', 'certificate')
  refuseUnless(now <= certificate.notAfter, 'CERT_EXPIRED', 'The certificate has expired.', 'certificate')
  return {
    pem: inOrder(certificate, certificates)
      .map(link => link.pem)
      .join(''),
    certificate,
  }
}

/** The certificate, then its issuer, and so on as far as the bundle reaches. */
function inOrder(certificate: Certificate, bundle: Certificate[]): Certificate[] {
  const others = bundle.filter(other => other !== certificate)
  const issuer = others.find(other => isIssuedBy(certificate, other))
  return [certificate, ...(issuer ? inOrder(issuer, others) : [])]
}
