import type { Certificate } from '../../../pki/certificate.ts'
import type { Path } from '../../../pki/trustChain.ts'
import type { ResponseFields } from '../../../wire/envelope.ts'
import { CommunicationFailure } from './failures.ts'
import type { Registration } from './state.ts'
import { readable, type Trust } from './trust.ts'

/** What a signer is to a product: of the account it belongs to, its server's own, or neither, though under the same root. */
export type Standing = 'account' | 'server' | 'stranger'
export type Signer = { path: Path; standing: Standing }

/**
 * Who signed a reply: the certificate by the serial in its header, out of the reply or of what the product holds, and what it is to the product.
 * Throws CommunicationFailure for a signer that is neither sent nor held (47), or leads to no pinned root (99).
 */
export function signerOf(fields: ResponseFields, registration: Registration | null, trust: Trust, now: Date): Signer {
  const { leaf, issuers } = fields.signing_cert === null ? held(fields, registration) : sent(fields, registration)
  const path = trust.follow(leaf, issuers, 'messageSigner', now)
  if (path[0].serial !== fields.header.signing_cert_serial_number) {
    throw new CommunicationFailure('untrustedSigner', 'The reply names another signer than the one whose certificate it carries.')
  }
  return { path, standing: standingOf(path, registration) }
}

const sent = (fields: ResponseFields, registration: Registration | null) => ({
  leaf: fields.signing_cert!,
  issuers: [...(fields.sub_ca_certs ?? []), ...(registration?.issuers ?? [])],
})

function held({ header }: ResponseFields, registration: Registration | null) {
  const serial = header.signing_cert_serial_number
  if (registration && serial === registration.signerSerial) return { leaf: registration.signer, issuers: registration.signerIssuers }
  if (registration && serial === serverSigner(registration).serial) {
    return { leaf: registration.serverSigner, issuers: registration.signerIssuers }
  }
  throw new CommunicationFailure(
    'untrustedSigner',
    `The reply is signed by ${serial ?? 'nobody'}, whose certificate is neither held nor sent.`,
  )
}

/**
 * "a signer under the account CA that issued its ID cert, or … the `server_signing_cert` pinned at registration" (5.2). Both are issued
 * again at each synchronization with the same name and key, so they are known by these and not by a serial.
 */
function standingOf([leaf, issuer]: Path, registration: Registration | null): Standing {
  if (!registration) return 'stranger'
  if (issuer && isSame(issuer, readable(registration.issuers[0]!))) return 'account'
  return isSame(leaf, serverSigner(registration)) ? 'server' : 'stranger'
}

const serverSigner = (registration: Registration) => readable(registration.serverSigner)

/** Whether two certificates are of one holder: the same name and the same key. */
export const isSame = (one: Certificate, other: Certificate): boolean =>
  one.subjectDer.equals(other.subjectDer) && one.publicKey.equals(other.publicKey)
