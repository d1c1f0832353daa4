import { randomUUID } from 'node:crypto'
import type { Context } from '../../src/context.ts'
import { type AuthorityRecord, type ServerSignerRecord, sealKey } from '../../src/pki/authority.ts'
import { type Credential, type Issuer, openIssuer } from '../../src/pki/issue.ts'
import { makeRsaKey } from '../../src/pki/keys.ts'
import { issueAccountCa, issueServerSigner, makeLicensingRoot, makeSubCa } from '../../src/pki/licensingRoot.ts'
import { issueMessageSigner } from '../../src/pki/messageSigner.ts'
import { validFor } from '../../src/pki/validity.ts'
import { accountCertificateLife } from '../../src/rules/lifetimes.ts'
import type { Db } from '../../src/storage/db.ts'

/** The authorities of a cloud: a root that products are pinned to, and a sub CA below it. */
export type TestTrust = { root: Credential; rootIssuer: Issuer; subCa: Credential; subIssuer: Issuer }

let trust: Promise<TestTrust> | undefined

/** The root and sub CA of this process: making them takes a second, and no test changes them. */
export const testTrust = (): Promise<TestTrust> => {
  trust ??= makeTrust(new Date('2020-01-01T00:00:00Z'))
  return trust
}

async function makeTrust(now: Date): Promise<TestTrust> {
  const root = await makeLicensingRoot(now)
  const rootIssuer = openIssuer(root.pem, root.privateKey)
  const subCa = await makeSubCa(rootIssuer, now)
  return { root, rootIssuer, subCa, subIssuer: openIssuer(subCa.pem, subCa.privateKey) }
}

/** Writes this server's identity with its signer, once. */
export async function insertServerSigner(context: Context): Promise<void> {
  const { subIssuer, subCa } = await testTrust()
  const key = await makeRsaKey()
  const uuid = randomUUID()
  const certificate = await issueServerSigner(subIssuer, { publicKey: key.publicKey, uuid }, context.clock.now())
  await context.storage
    .db('server_identity')
    .insert({
      server_uuid: uuid,
      signing_key: sealKey(context.secrets, key.privateKey, 'server signing key'),
      signing_certificate: certificate.pem,
      sub_ca_certificates: [subCa.pem],
      created_at: context.clock.now(),
    })
    .onConflict()
    .ignore()
}

/** Writes the keys and certificates of an account as a registration with the cloud leaves them. */
export async function insertAuthority(context: Context, account: { id: number; uuid: string }): Promise<void> {
  const { subIssuer, subCa } = await testTrust()
  const [caKey, signingKey] = await Promise.all([makeRsaKey(), makeRsaKey()])
  const now = context.clock.now()
  const named = { publicKey: caKey.publicKey, organization: 'Example Corp', localAccountUuid: account.uuid }
  const accountCa = await issueAccountCa(subIssuer, named, now)
  const signer = await issueMessageSigner(
    openIssuer(accountCa.pem, caKey.privateKey),
    signingKey.publicKey,
    validFor(now, accountCertificateLife),
  )
  await context.storage.db('account_authorities').insert({
    local_account_id: account.id,
    account_ca_key: sealKey(context.secrets, caKey.privateKey, 'account CA key'),
    account_ca_certificate: accountCa.pem,
    signing_key: sealKey(context.secrets, signingKey.privateKey, 'account signing key'),
    signing_certificate: signer.pem,
    sub_ca_certificates: [subCa.pem],
    certificates_end_at: accountCa.notAfter,
  })
}

/** Writes the certificate by which the root itself certifies the account CA: what agents without MULTITIER wait for. */
export async function insertThreeTierCertificate(context: Context, account: { id: number; uuid: string }): Promise<void> {
  const { rootIssuer } = await testTrust()
  const authority = await context.authority.of(account.id)
  const named = { publicKey: authority.certificate.publicKey, organization: 'Example Corp', localAccountUuid: account.uuid }
  const certificate = await issueAccountCa(rootIssuer, named, context.clock.now())
  await context.storage
    .db('account_authorities')
    .where({ local_account_id: account.id })
    .update({ three_tier_certificate: certificate.pem })
  context.authority.forget(account.id)
}

/** The record of an account's authority, as the server's own loader gives it. */
export async function findAuthorityRow(db: Db, localAccountId: number): Promise<AuthorityRecord | undefined> {
  const row = await db('account_authorities').where({ local_account_id: localAccountId }).first()
  return (
    row && {
      accountCaKey: row.account_ca_key,
      accountCaCertificate: row.account_ca_certificate,
      signingKey: row.signing_key,
      signingCertificate: row.signing_certificate,
      subCaCertificates: row.sub_ca_certificates,
      threeTierCertificate: row.three_tier_certificate,
    }
  )
}

/** The record of the server signer. */
export async function findServerSignerRow(db: Db): Promise<ServerSignerRecord | undefined> {
  const row = await db('server_identity').first()
  if (!row?.signing_certificate) return undefined
  return { signingKey: row.signing_key, signingCertificate: row.signing_certificate, subCaCertificates: row.sub_ca_certificates }
}
