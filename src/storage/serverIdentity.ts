import type { Db } from './db.ts'

/** This installation: its uuid, and the key (sealed) that answers those whom no account answers. */
export type ServerIdentity = {
  serverUuid: string
  signingKey: Buffer
  signingCertificate: string | null
  subCaCertificates: string[]
  createdAt: Date
}

/** This installation's identity; undefined on a database that no server has started on. */
export async function findServerIdentity(db: Db): Promise<ServerIdentity | undefined> {
  const row = await db('server_identity').first()
  if (!row) return undefined
  return {
    serverUuid: row.server_uuid,
    signingKey: row.signing_key,
    signingCertificate: row.signing_certificate,
    subCaCertificates: row.sub_ca_certificates,
    createdAt: row.created_at,
  }
}

/** The same; a fault when the server has not started properly. */
export async function getServerIdentity(db: Db): Promise<ServerIdentity> {
  const identity = await findServerIdentity(db)
  if (!identity) throw new Error('This database has no server identity; it is made when a server starts.')
  return identity
}

/** Keeps the identity of a new installation. Another server that starts at the same moment on the same database may have been first. */
export async function insertServerIdentity(
  db: Db,
  identity: Pick<ServerIdentity, 'serverUuid' | 'signingKey' | 'createdAt'>,
): Promise<void> {
  await db('server_identity')
    .insert({ server_uuid: identity.serverUuid, signing_key: identity.signingKey, created_at: identity.createdAt })
    .onConflict('singleton')
    .ignore()
}

/** Puts the signer's certificate of an exchange in the place of the one before. */
export async function updateServerSigner(db: Db, signer: { signingCertificate: string; subCaCertificates: string[] }): Promise<void> {
  await db('server_identity').update({ signing_certificate: signer.signingCertificate, sub_ca_certificates: signer.subCaCertificates })
}

/** The server signer, as `openAuthority` asks for it; undefined before the first registration with the cloud. */
export async function findServerSignerRecord(db: Db) {
  const identity = await findServerIdentity(db)
  return identity?.signingCertificate ? { ...identity, signingCertificate: identity.signingCertificate } : undefined
}
