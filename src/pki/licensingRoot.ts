import type { KeyObject } from 'node:crypto'
import { accountCertificateLife } from '../rules/lifetimes.ts'
import { isAnAuthority, signsCertificates, signsMessages } from './extensions.ts'
import { type Credential, type IssuedCertificate, type Issuer, issueCertificate, selfIssuer } from './issue.ts'
import { makeRsaKey } from './keys.ts'
import { accountCaName, type Name, signerName } from './names.ts'
import { validFor, validForYears } from './validity.ts'

const rootName: Name = [['CN', 'Quartermaster Licensing Root CA']]
const subCaName: Name = [['CN', 'Quartermaster Licensing Sub CA']]
const cloudSignerName: Name = [['CN', 'Smart Software Manager']]

/** Makes the root that everything is pinned to: "own, offline, 25 y" (5.11). */
export async function makeLicensingRoot(now: Date): Promise<Credential> {
  const key = await makeRsaKey(3072)
  const draft = { subject: rootName, publicKey: key.publicKey, ...validForYears(now, 25), extensions: [isAnAuthority(), signsCertificates] }
  return { ...(await issueCertificate(draft, selfIssuer(rootName, key))), privateKey: key.privateKey }
}

/** Makes the authority that the cloud works with: "10 y, pathlen 1". */
export async function makeSubCa(root: Issuer, now: Date): Promise<Credential> {
  const key = await makeRsaKey(3072)
  const draft = {
    subject: subCaName,
    publicKey: key.publicKey,
    ...validForYears(now, 10),
    extensions: [isAnAuthority(1), signsCertificates],
  }
  return { ...(await issueCertificate(draft, root)), privateKey: key.privateKey }
}

/**
 * Certifies a Local Account's authority: "365 days, pathlen 0". Issuing again for the same key and subject is what each synchronization does:
 * "same key, same subject, new serial and dates". `itsTime` is what the account's server says the time is. Given the root instead of the sub CA, it makes the certificate that three-tier agents need.
 */
export const issueAccountCa = (
  issuer: Issuer,
  account: { publicKey: KeyObject; organization: string; localAccountUuid: string; itsTime?: Date },
  now: Date,
): Promise<IssuedCertificate> =>
  issueCertificate(
    {
      subject: accountCaName(account.organization, account.localAccountUuid),
      publicKey: account.publicKey,
      ...validFor(now, accountCertificateLife, account.itsTime),
      extensions: [isAnAuthority(0), signsCertificates],
    },
    issuer,
  )

/** Certifies the server signer: `CN=Message Signer, serialNumber=<server uuid>`, issued by the sub CA for 365 days. */
export const issueServerSigner = (
  issuer: Issuer,
  server: { publicKey: KeyObject; uuid: string; itsTime?: Date },
  now: Date,
): Promise<IssuedCertificate> =>
  issueCertificate(
    {
      subject: signerName(server.uuid),
      publicKey: server.publicKey,
      ...validFor(now, accountCertificateLife, server.itsTime),
      extensions: [signsMessages],
    },
    issuer,
  )

/** Makes what the cloud signs its containers with. */
export async function makeCloudSigner(subCa: Issuer, now: Date): Promise<Credential> {
  const key = await makeRsaKey()
  const draft = {
    subject: cloudSignerName,
    publicKey: key.publicKey,
    ...validFor(now, accountCertificateLife),
    extensions: [signsMessages],
  }
  return { ...(await issueCertificate(draft, subCa)), privateKey: key.privateKey }
}
