import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { type AccountAuthority, type AuthorityRecord, openAuthority, type ServerSignerRecord, sealKey } from '../../src/pki/authority.ts'
import { type Credential, type IssuedCertificate, type Issuer, openIssuer } from '../../src/pki/issue.ts'
import { type KeyPair, makeRsaKey } from '../../src/pki/keys.ts'
import { issueAccountCa, issueServerSigner, makeCloudSigner, makeLicensingRoot, makeSubCa } from '../../src/pki/licensingRoot.ts'
import { issueMessageSigner } from '../../src/pki/messageSigner.ts'
import { makeSecretBox, type SecretBox } from '../../src/pki/secretBox.ts'
import { validFor } from '../../src/pki/validity.ts'
import { accountCertificateLife } from '../../src/rules/lifetimes.ts'

/** What a cloud has: a root that it keeps apart, a sub CA to work with, a signer for its containers. */
export type TestCloud = { root: Credential; rootIssuer: Issuer; subCa: Credential; subIssuer: Issuer; signer: Credential }

/** A cloud of the tests' own. */
export async function makeTestCloud(now: Date): Promise<TestCloud> {
  const root = await makeLicensingRoot(now)
  const rootIssuer = openIssuer(root.pem, root.privateKey)
  const subCa = await makeSubCa(rootIssuer, now)
  const subIssuer = openIssuer(subCa.pem, subCa.privateKey)
  return { root, rootIssuer, subCa, subIssuer, signer: await makeCloudSigner(subIssuer, now) }
}

/** A Local Account that the cloud has registered. */
export type TestAccount = {
  uuid: string
  key: KeyPair
  signingKey: KeyPair
  accountCa: IssuedCertificate
  signer: IssuedCertificate
  record: AuthorityRecord
  authority: AccountAuthority
}

/** A box under a key that nobody else has. */
export const makeTestBox = (): SecretBox => makeSecretBox(createSecretKey(randomBytes(32)))

/** Registers an account with the cloud as the server does it; given an account, issues its certificates again for the same keys. */
export async function makeTestAccount(cloud: TestCloud, now: Date, former?: TestAccount): Promise<TestAccount> {
  const { uuid, key, signingKey } = former ?? { uuid: randomUUID(), key: await makeRsaKey(), signingKey: await makeRsaKey() }
  const accountCa = await issueAccountCa(
    cloud.subIssuer,
    { publicKey: key.publicKey, organization: 'Example Corp', localAccountUuid: uuid },
    now,
  )
  const signer = await issueMessageSigner(
    openIssuer(accountCa.pem, key.privateKey),
    signingKey.publicKey,
    validFor(now, accountCertificateLife),
  )
  const secrets = makeTestBox()
  const record = {
    accountCaKey: sealKey(secrets, key.privateKey, 'account CA key'),
    accountCaCertificate: accountCa.pem,
    signingKey: sealKey(secrets, signingKey.privateKey, 'account signing key'),
    signingCertificate: signer.pem,
    subCaCertificates: [cloud.subCa.pem],
    threeTierCertificate: null,
  }
  const authority = await openAuthority(secrets, { load: async () => record, loadServerSigner: async () => undefined }).of(1)
  return { uuid, key, signingKey, accountCa, signer, record, authority }
}

/** The certificate of a server's own signer, with its key. */
export async function makeTestServerSigner(cloud: TestCloud, now: Date, secrets: SecretBox): Promise<ServerSignerRecord> {
  const key = await makeRsaKey()
  const certificate = await issueServerSigner(cloud.subIssuer, { publicKey: key.publicKey, uuid: randomUUID() }, now)
  return {
    signingKey: sealKey(secrets, key.privateKey, 'server signing key'),
    signingCertificate: certificate.pem,
    subCaCertificates: [cloud.subCa.pem],
  }
}
