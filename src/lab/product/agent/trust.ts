import { type Certificate, readCertificate, splitBundle } from '../../../pki/certificate.ts'
import { type Path, type Purpose, verifyChain } from '../../../pki/trustChain.ts'
import { CommunicationFailure } from './failures.ts'

/** The licensing root that a product is pinned to. */
export type Trust = {
  /** The chain from a certificate to the root, all PEM. Throws CommunicationFailure where there is none that holds (47, 48, 49, 99). */
  follow(leaf: string, issuers: readonly string[], purpose: Purpose, now: Date): Path
}

const mostRemembered = 64

/** Pins a product to the roots in `pem`. Throws where there is no certificate in it. */
export function trustIn(pem: string): Trust {
  const roots = splitBundle(pem).map(readCertificate)
  if (roots.length === 0) throw new Error('The licensing root is not a certificate in PEM: name the file with --trust.')
  const remembered = new Map<string, Path>()
  return {
    follow(leaf, issuers, purpose, now) {
      const key = `${purpose} ${leaf}`
      const known = remembered.get(key)
      if (known?.every(certificate => certificate.notBefore <= now && now <= certificate.notAfter)) return known
      const path = follow(leaf, issuers, purpose, now, roots)
      if (purpose !== 'messageSigner') return path
      if (remembered.size >= mostRemembered) remembered.clear()
      remembered.set(key, path)
      return path
    },
  }
}

function follow(leaf: string, issuers: readonly string[], purpose: Purpose, now: Date, roots: Certificate[]): Path {
  const certificates = [leaf, ...issuers].map(readable)
  try {
    return verifyChain(certificates[0]!, certificates.slice(1), roots, now, { purpose })
  } catch (error) {
    if (!isRefusal(error)) throw error
    const kind = purpose === 'idCertificate' ? 'untrustedIdCertificate' : error.code === 'CERT_EXPIRED' ? 'untrustedSigner' : 'noTrustChain'
    throw new CommunicationFailure(kind, error.message)
  }
}

const read = new Map<string, Certificate>()

/** Reads a certificate in PEM; the few that come with every message are read once. Throws CommunicationFailure 49 for what is none. */
export function readable(pem: string): Certificate {
  try {
    const certificate = read.get(pem) ?? readCertificate(pem)
    if (read.size >= mostRemembered) read.clear()
    read.set(pem, certificate)
    return certificate
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new CommunicationFailure('unreadableCertificate', error.message)
  }
}

/** The laboratory stands outside the house and knows a refusal of the certificates' room by its name alone. */
const isRefusal = (error: unknown): error is Error & { code: string } => error instanceof Error && error.name === 'Refusal'
