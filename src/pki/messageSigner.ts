import type { KeyObject } from 'node:crypto'
import { accountCertificateLife } from '../rules/lifetimes.ts'
import { signsMessages } from './extensions.ts'
import { type IssuedCertificate, type Issuer, issueCertificate } from './issue.ts'
import { signerName } from './names.ts'
import { validFor } from './validity.ts'

/**
 * Certifies the key that signs an account's messages: "`CN=Message Signer`, 365 d", issued by the account CA itself (5.11).
 * After a synchronization it is issued again for the same key.
 */
export const issueMessageSigner = (accountCa: Issuer, publicKey: KeyObject, now: Date): Promise<IssuedCertificate> =>
  issueCertificate({ subject: signerName(), publicKey, ...validFor(now, accountCertificateLife), extensions: [signsMessages] }, accountCa)
