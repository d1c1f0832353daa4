import type { KeyObject } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { type Issuer, openIssuer } from './issue.ts'
import { keepOpen } from './keepOpen.ts'
import { privateKeyPem, readPrivateKey } from './keys.ts'
import type { SecretBox } from './secretBox.ts'

/** What storage keeps of the server signer: the key sealed, certificates in PEM, the signer's own issuer first and the root left out. */
export type ServerSignerRecord = { signingKey: Buffer; signingCertificate: string; subCaCertificates: string[] }

/** What storage keeps of a registered Local Account's authority. `threeTierCertificate` is null until the cloud has signed it. */
export type AuthorityRecord = ServerSignerRecord & {
  accountCaKey: Buffer
  accountCaCertificate: string
  threeTierCertificate: string | null
}

/** Where the records come from; undefined before the registration with the cloud. */
export type AuthorityLoader = {
  load(localAccountId: number): Promise<AuthorityRecord | undefined>
  loadServerSigner(): Promise<ServerSignerRecord | undefined>
}

/** What signs messages: a key, its certificate, and the certificates of its issuers (PEM, its own first, no root) for those who do not hold them. */
export type MessageSigner = { privateKey: KeyObject; certificate: Certificate; serial: string; chain: string[] }

/**
 * A Local Account's authority, opened: what issues ID certificates, and what signs messages. `chain` goes with both (PEM, the account CA first, no root);
 * `threeTierChain` in its place to agents without MULTITIER, for whom the root itself has signed the account CA.
 */
export type AccountAuthority = {
  localAccountId: number
  issuer: Issuer
  certificate: Certificate
  chain: string[]
  threeTierChain: string[] | undefined
  signer: MessageSigner
}

/** What this server can sign with, account by account. */
export type Authority = {
  /** The account's authority; undefined before the account is registered with the cloud. */
  find(localAccountId: number): Promise<AccountAuthority | undefined>
  /** The same; a refusal before the account is registered. */
  of(localAccountId: number): Promise<AccountAuthority>
  /** What goes with an ID certificate: the account CA's certificate, then its issuers', without the root. */
  chain(localAccountId: number): Promise<string[]>
  /** What answers those whom no account answers (5.2); undefined before the first Local Account is registered. */
  serverSigner(): Promise<MessageSigner | undefined>
  /** Forgets what was opened for the account, and the server signer with it: both change with every synchronization of an account. */
  forget(localAccountId: number): void
}

/** What the sealed keys are, so that one cannot be put in the place of another. */
export type KeyPurpose = 'account CA key' | 'account signing key' | 'server signing key' | 'TLS key'

/** Seals a private key for storage. */
export const sealKey = (secrets: SecretBox, key: KeyObject, purpose: KeyPurpose): Buffer => secrets.seal(privateKeyPem(key), purpose)

/** Opens a private key that `sealKey` sealed for the same purpose. */
export const openKey = (secrets: SecretBox, sealed: Uint8Array, purpose: KeyPurpose): KeyObject =>
  readPrivateKey(secrets.open(sealed, purpose).toString('utf8'))

/** Opens authorities as they are asked for and keeps them open for a minute: another server on the same database may have synchronized meanwhile. */
export function openAuthority(secrets: SecretBox, loader: AuthorityLoader): Authority {
  const accounts = keepOpen(async (localAccountId: number) => {
    const record = await loader.load(localAccountId)
    return record && openAccount(secrets, localAccountId, record)
  })
  const server = keepOpen(async (_: 'server') => {
    const record = await loader.loadServerSigner()
    return (
      record && openSigner(openKey(secrets, record.signingKey, 'server signing key'), record.signingCertificate, record.subCaCertificates)
    )
  })
  const of = async (localAccountId: number) => {
    const authority = await accounts.get(localAccountId)
    refuseUnless(authority, 'NOT_FOUND', 'This Local Account is not registered with the cloud.', 'account')
    return authority
  }
  return {
    of,
    find: accounts.get,
    chain: async localAccountId => (await of(localAccountId)).chain,
    serverSigner: () => server.get('server'),
    forget: localAccountId => {
      accounts.forget(localAccountId)
      server.forget('server')
    },
  }
}

function openAccount(secrets: SecretBox, localAccountId: number, record: AuthorityRecord): AccountAuthority {
  const issuer = openIssuer(record.accountCaCertificate, openKey(secrets, record.accountCaKey, 'account CA key'))
  const chain = [record.accountCaCertificate, ...record.subCaCertificates]
  return {
    localAccountId,
    issuer,
    certificate: issuer.certificate,
    chain,
    threeTierChain: record.threeTierCertificate === null ? undefined : [record.threeTierCertificate],
    signer: openSigner(openKey(secrets, record.signingKey, 'account signing key'), record.signingCertificate, chain),
  }
}

function openSigner(privateKey: KeyObject, pem: string, chain: string[]): MessageSigner {
  const certificate = readCertificate(pem)
  refuseUnless(
    certificate.x509.checkPrivateKey(privateKey),
    'INVALID',
    'The private key does not belong to this certificate.',
    'privateKey',
  )
  return { privateKey, certificate, serial: certificate.serial, chain }
}
