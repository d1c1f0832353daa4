import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import type { Context } from '../../context.ts'
import { openKey } from '../../pki/authority.ts'
import { type Certificate, readCertificate } from '../../pki/certificate.ts'
import { makeCertificateRequest } from '../../pki/certificateRequest.ts'
import { openIssuer } from '../../pki/issue.ts'
import { publicKeyHash } from '../../pki/keys.ts'
import { issueMessageSigner } from '../../pki/messageSigner.ts'
import { accountCaName, partOf, signerName } from '../../pki/names.ts'
import { verifyChain } from '../../pki/trustChain.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type AccountAuthorityRow, updateAccountCertificates } from '../../storage/accountAuthorities.ts'
import type { Db } from '../../storage/db.ts'
import { type ServerIdentity, updateServerSigner } from '../../storage/serverIdentity.ts'
import { licensingRoots } from '../licensingRoots.ts'

/** The keys that the cloud certifies. */
export type CertifiedKeys = { accountCa: KeyObject; serverSigner: KeyObject }

/** Opens the keys of an account and of this server. */
export const openCertifiedKeys = (context: Context, authority: AccountAuthorityRow, identity: ServerIdentity): CertifiedKeys => ({
  accountCa: openKey(context.secrets, authority.accountCaKey, 'account CA key'),
  serverSigner: openKey(context.secrets, identity.signingKey, 'server signing key'),
})

const pairOf = (privateKey: KeyObject) => ({ privateKey, publicKey: createPublicKey(privateKey) })

/** What a registration asks to be certified. */
export const writeCertificateRequests = async (keys: CertifiedKeys, account: LocalAccount, serverUuid: string) => ({
  account_ca_csr: await makeCertificateRequest(pairOf(keys.accountCa), accountCaName('', account.uuid)),
  server_signing_csr: await makeCertificateRequest(pairOf(keys.serverSigner), signerName(serverUuid)),
})

/** The certificates of a response. `subCas`: those it brings, else those that are known. */
export type ReceivedCertificates = { accountCa: string; serverSigner: string; subCas: string[]; threeTier: string | null }

/** What the certificates of a response are for. */
export type CertificateHolders = { account: LocalAccount; authority: AccountAuthorityRow; identity: ServerIdentity }

/**
 * Checks the certificates of a response and puts them in place; the account's own signing certificate is issued again here, by the renewed
 * account CA. Refuses one that is for another key, another account or another server, or that does not lead to the licensing root.
 */
export async function applyCertificates(
  context: Context,
  tx: Db,
  { account, authority, identity }: CertificateHolders,
  received: ReceivedCertificates,
): Promise<void> {
  const now = context.clock.now()
  const keys = openCertifiedKeys(context, authority, identity)
  const roots = licensingRoots(context.config)
  const subCas = received.subCas.map(readCertificate)
  const accountCa = readCertificate(received.accountCa)
  checkHolder(accountCa, keys.accountCa, account.uuid, 'account CA')
  verifyChain(accountCa, subCas, roots, now, { purpose: 'authority' })
  const serverSigner = readCertificate(received.serverSigner)
  checkHolder(serverSigner, keys.serverSigner, identity.serverUuid, 'server signer')
  verifyChain(serverSigner, subCas, roots, now, { purpose: 'messageSigner' })
  if (received.threeTier) checkThreeTier(readCertificate(received.threeTier), keys.accountCa, account.uuid, roots, now)

  const signer = openKey(context.secrets, authority.signingKey, 'account signing key')
  const { notBefore, notAfter } = accountCa
  const signing = await issueMessageSigner(openIssuer(accountCa.pem, keys.accountCa), createPublicKey(signer), { notBefore, notAfter })
  await updateAccountCertificates(tx, account.id, {
    accountCaCertificate: accountCa.pem,
    signingCertificate: signing.pem,
    subCaCertificates: subCas.map(certificate => certificate.pem),
    threeTierCertificate: received.threeTier,
    certificatesEndAt: accountCa.notAfter,
  })
  await updateServerSigner(tx, { signingCertificate: serverSigner.pem, subCaCertificates: subCas.map(certificate => certificate.pem) })
}

/** The root itself has signed the account CA, for agents that follow three certificates and no more. */
function checkThreeTier(certificate: Certificate, key: KeyObject, uuid: string, roots: Certificate[], now: Date): void {
  checkHolder(certificate, key, uuid, 'three-tier')
  verifyChain(certificate, [], roots, now, { purpose: 'authority' })
}

function checkHolder(certificate: Certificate, key: KeyObject, serialNumber: string, what: string): void {
  const isOurs = publicKeyHash(certificate.publicKey) === publicKeyHash(createPublicKey(key))
  refuseUnless(
    isOurs && partOf(certificate.subject, 'serialNumber') === serialNumber,
    'UNTRUSTED_CERT',
    `The ${what} certificate in the response was not made for this server.`,
  )
}
