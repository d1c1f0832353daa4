import type { KeyObject } from 'node:crypto'
import { signsMessages } from './extensions.ts'
import { type IssuedCertificate, type Issuer, issueCertificate } from './issue.ts'
import { signerName } from './names.ts'
import type { Validity } from './validity.ts'

/**
 * Certifies the key that signs an account's messages: "`CN=Message Signer`, 365 d", issued by the account CA itself (5.11).
 * After a synchronization it is issued again for the same key. `validity`: that of the account CA, where the cloud has made one; by the clock of a
 * server that is ahead, the signer would not hold yet when the clock is put right, and the cloud would believe nothing until then.
 */
export const issueMessageSigner = (accountCa: Issuer, publicKey: KeyObject, validity: Validity): Promise<IssuedCertificate> =>
  issueCertificate({ subject: signerName(), publicKey, ...validity, extensions: [signsMessages] }, accountCa)
