import type { KeyObject } from 'node:crypto'
import { idCertificateLife } from '../rules/lifetimes.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { AccountAuthority } from './authority.ts'
import { alternativeNames, signsMessages } from './extensions.ts'
import { type IssuedCertificate, prepareCertificate, signCertificate, type UnsignedCertificate } from './issue.ts'
import { type Name, partOf } from './names.ts'
import { validFor } from './validity.ts'

/** Whom the certificate is for: the product by its name, the instance by its id, its devices each as `urn:udi:<pid>:<sn>` (`udiUrn` of the wire). */
export type IdCertificateSubject = { publicKey: KeyObject; product: string; productInstanceId: string; udis: readonly string[] }

/** Checked and built, and not signed yet. Only `prepareIdCertificate` makes one, so nothing can be signed that was not checked. */
class Prepared {
  readonly #unsigned: UnsignedCertificate
  /** Known before the certificate is signed, so that its row can be written first. */
  readonly serial: string

  constructor(unsigned: UnsignedCertificate) {
    this.#unsigned = unsigned
    this.serial = unsigned.serial
  }

  issue(): Promise<IssuedCertificate> {
    return signCertificate(this.#unsigned)
  }
}

export type PreparedIdCertificate = Prepared

/**
 * Builds an ID certificate: "subject `CN=<product>`, `serialNumber=<PIID>`, `O=…`; SAN = UDI list as URIs", for 365 days (5.11).
 * It may outlive the account's present certificate, which each synchronization issues again.
 * Refuses for an account whose own certificate has ended, and without a device that has a URN.
 */
export function prepareIdCertificate(authority: AccountAuthority, subject: IdCertificateSubject, now: Date): PreparedIdCertificate {
  const { issuer, certificate } = authority
  refuseUnless(now <= certificate.notAfter, 'ACCOUNT_EXPIRED', 'The certificate of the Local Account has ended.', 'account')
  refuseUnless(subject.udis.length > 0 && subject.udis.every(isUrn), 'MALFORMED', 'Each device must be named by a URN.', 'device_list')
  const name: Name = [
    ['CN', subject.product],
    ['serialNumber', subject.productInstanceId],
    ['O', partOf(certificate.subject, 'O') ?? ''],
  ]
  const extensions = [signsMessages, alternativeNames({ uris: subject.udis })]
  return new Prepared(
    prepareCertificate({ subject: name, publicKey: subject.publicKey, ...validFor(now, idCertificateLife), extensions }, issuer),
  )
}

/** Signs what was prepared, on the thread pool. */
export const issueIdCertificate = (prepared: PreparedIdCertificate): Promise<IssuedCertificate> => prepared.issue()

const isUrn = (text: string) => /^urn:(udi|uuid):[!-~]+$/.test(text)
