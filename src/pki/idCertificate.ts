import type { KeyObject } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import type { AccountAuthority } from './authority.ts'
import { alternativeNames, signsMessages } from './extensions.ts'
import { type IssuedCertificate, prepareCertificate, signCertificate, type UnsignedCertificate } from './issue.ts'
import { daysFrom } from './lifetimes.ts'
import { partOf } from './names.ts'

/** One chassis that an ID certificate speaks for: by product and serial number, or by uuid where it has none. */
export type CertifiedUdi = { pid?: string | null; serialNumber?: string | null; uuid?: string | null }

/** Who the certificate is for. `product` is its name as people know it, such as its product identifier. */
export type IdCertificateSubject = { publicKey: KeyObject; product: string; productInstanceId: string; udis: readonly CertifiedUdi[] }

/** Checked and built, and not signed. Only `prepareIdCertificate` makes one, so that nothing unchecked can be signed. */
class Prepared {
  readonly #unsigned: UnsignedCertificate
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
 * Builds an ID certificate: "subject `CN=<product>`, `serialNumber=<PIID>`, `O=…`; SAN = UDI list as URIs" for 365 days (5.11).
 * It may outlive the account's present certificate, which each synchronization issues again.
 * Refuses for an account whose own certificate has ended, and without a UDI.
 */
export function prepareIdCertificate(authority: AccountAuthority, subject: IdCertificateSubject, now: Date): PreparedIdCertificate {
  const { issuer, certificate } = authority
  refuseUnless(now <= certificate.notAfter, 'ACCOUNT_EXPIRED', "The Local Account's certificate has ended.", 'account')
  refuseUnless(subject.udis.length > 0, 'MALFORMED', 'An ID certificate needs at least one device.', 'device_list')
  const draft = {
    subject: [
      ['CN', subject.product],
      ['serialNumber', subject.productInstanceId],
      ['O', partOf(certificate.subject, 'O') ?? ''],
    ] as const,
    publicKey: subject.publicKey,
    ...daysFrom(now, 365),
    extensions: [signsMessages, alternativeNames({ uris: subject.udis.map(udiUri) })],
  }
  return new Prepared(prepareCertificate(draft, issuer))
}

/** Signs what was prepared, on the thread pool. */
export const issueIdCertificate = (prepared: PreparedIdCertificate): Promise<IssuedCertificate> => prepared.issue()

/** "`urn:udi:<pid>:<sn>`"; characters that a URN cannot hold, and the colon between the two, are written in hexadecimal. */
export function udiUri({ pid, serialNumber, uuid }: CertifiedUdi): string {
  return pid && serialNumber ? `urn:udi:${urnPart(pid)}:${urnPart(serialNumber)}` : `urn:uuid:${urnPart(uuid ?? '')}`
}

const urnPart = (text: string) => encodeURIComponent(text.toWellFormed()).replace(/%(2F|3D|2B|2C|3B|40|26|24)/g, decodeURIComponent)
