import { randomUUID } from 'node:crypto'
import { sealKey } from '../pki/authority.ts'
import { makeRsaKey } from '../pki/keys.ts'
import type { SecretBox } from '../pki/secretBox.ts'
import type { Db } from '../storage/db.ts'
import { findServerIdentity, getServerIdentity, insertServerIdentity, type ServerIdentity } from '../storage/serverIdentity.ts'

/**
 * This installation's uuid and signing key, made the first time a server starts on a database: "Fresh install without backup: new
 * server_uuid" (wire-cloud 7.4). Servers that start together end up with the same one.
 */
export async function ensureServerIdentity(db: Db, secrets: SecretBox, now: Date): Promise<ServerIdentity> {
  const known = await findServerIdentity(db)
  if (known) return known
  const { privateKey } = await makeRsaKey()
  await insertServerIdentity(db, {
    serverUuid: randomUUID(),
    signingKey: sealKey(secrets, privateKey, 'server signing key'),
    createdAt: now,
  })
  return getServerIdentity(db)
}
