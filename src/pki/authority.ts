import type { KeyObject } from 'node:crypto'
import { refuseUnless } from '../rules/refusal.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { type Issuer, openIssuer } from './issue.ts'
import { privateKeyPem, readPrivateKey } from './keys.ts'
import type { SecretBox } from './secretBox.ts'

/** What storage keeps of a Local Account's authority: keys sealed, certificates in PEM, the account CA's own issuer first and the root left out. */
export type AuthorityRecord = {
  caKey: Buffer
  caCertificate: string
  subCaCertificates: string[]
  signerKey: Buffer
  signerCertificate: string
}

/** What storage keeps of the server signer. */
export type ServerSignerRecord = { signerKey: Buffer; signerCertificate: string; subCaCertificates: string[] }

/** Where the records come from. */
export type AuthorityLoader = {
  load(localAccountId: number): Promise<AuthorityRecord | undefined>
  loadServerSigner(): Promise<ServerSignerRecord | undefined>
}

/** What signs messages: a key, its certificate, and the certificates of its issuers without the root, for those who do not hold them. */
export type MessageSigner = { privateKey: KeyObject; certificate: Certificate; serial: string; chain: string[] }

/** A Local Account's authority, opened: what issues ID certificates, and what signs messages. */
export type AccountAuthority = { localAccountId: number; issuer: Issuer; certificate: Certificate; chain: string[]; signer: MessageSigner }

/** What this server can sign with, account by account. */
export type Authority = {
  /** The account's authority; undefined before the account is registered with the cloud. */
  find(localAccountId: number): Promise<AccountAuthority | undefined>
  /** The same, and a refusal before the account is registered. */
  of(localAccountId: number): Promise<AccountAuthority>
  /** What goes with an ID certificate: the account CA's certificate, then its issuers', without the root. */
  chain(localAccountId: number): Promise<string[]>
  /** What answers those whom no account answers; undefined before the first Local Account is registered. */
  serverSigner(): Promise<MessageSigner | undefined>
  /** Forgets what was opened: the account's records have changed. The server signer changes with every account, so it goes too. */
  forget(localAccountId: number): void
}

/** The purposes under which the keys are sealed. */
export type KeyPurpose = 'account CA key' | 'message signer key' | 'server signer key'

/** Seals a private key for storage. */
export const sealKey = (box: SecretBox, key: KeyObject, purpose: KeyPurpose): Buffer => box.seal(privateKeyPem(key), purpose)

const openKey = (box: SecretBox, sealed: Buffer, purpose: KeyPurpose) => readPrivateKey(box.open(sealed, purpose).toString('utf8'))

/** Opens authorities as they are asked for, and keeps them open. */
export function openAuthority(box: SecretBox, loader: AuthorityLoader): Authority {
  const accounts = keepOpen(async (localAccountId: number) => {
    const record = await loader.load(localAccountId)
    return record && openAccount(box, localAccountId, record)
  })
  const servers = keepOpen(async (_: 'server') => {
    const record = await loader.loadServerSigner()
    return record && openSigner(openKey(box, record.signerKey, 'server signer key'), record.signerCertificate, record.subCaCertificates)
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
    serverSigner: () => servers.get('server'),
    forget: localAccountId => {
      accounts.forget(localAccountId)
      servers.forget('server')
    },
  }
}

function openAccount(box: SecretBox, localAccountId: number, record: AuthorityRecord): AccountAuthority {
  const issuer = openIssuer(record.caCertificate, openKey(box, record.caKey, 'account CA key'))
  const chain = [record.caCertificate, ...record.subCaCertificates]
  const signer = openSigner(openKey(box, record.signerKey, 'message signer key'), record.signerCertificate, chain)
  return { localAccountId, issuer, certificate: readCertificate(record.caCertificate), chain, signer }
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

/** Asks `load` once for each key. What is not there, or fails to load, is asked for again the next time. */
function keepOpen<Key, Value>(load: (key: Key) => Promise<Value | undefined>) {
  const open = new Map<Key, Promise<Value | undefined>>()
  const forget = (key: Key) => void open.delete(key)
  const start = (key: Key) => {
    const loading = load(key).then(
      value => {
        if (value === undefined && open.get(key) === loading) forget(key)
        return value
      },
      error => {
        if (open.get(key) === loading) forget(key)
        throw error
      },
    )
    open.set(key, loading)
    return loading
  }
  return { get: (key: Key) => open.get(key) ?? start(key), forget }
}
