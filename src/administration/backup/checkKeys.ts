import { type AuthorityLoader, openAuthority, openKey } from '../../pki/authority.ts'
import type { SecretBox } from '../../pki/secretBox.ts'
import { Refusal } from '../../rules/refusal.ts'
import { findAccountAuthority, findAuthorityRecord, listAuthorities } from '../../storage/accountAuthorities.ts'
import type { Db } from '../../storage/db.ts'
import { findServerIdentity, findServerSignerRecord } from '../../storage/serverIdentity.ts'
import { findTlsCertificate } from '../../storage/tlsCertificates.ts'
import { sealedAs } from '../ensureTlsCertificate.ts'

/** How many keys were opened with a server key, and found to belong to their certificates. */
export type KeysChecked = { accounts: number; tls: number }

/**
 * Opens, with the server key behind `secrets`, the keys that products, browsers and the cloud trust, and holds them against their certificates.
 * Refuses where the server key is that of another server, or a key that of another certificate.
 */
export async function checkKeys(db: Db, secrets: SecretBox): Promise<KeysChecked> {
  try {
    const identity = await findServerIdentity(db)
    if (identity) openKey(secrets, identity.signingKey, 'server signing key')
    return { accounts: await checkAccounts(db, secrets), tls: await checkTls(db, secrets) }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('INVALID', `The server key does not open what is sealed in the database: ${(error as Error).message}.`, 'serverKey')
  }
}

async function checkAccounts(db: Db, secrets: SecretBox): Promise<number> {
  const load: AuthorityLoader = { load: id => findAuthorityRecord(db, id), loadServerSigner: () => findServerSignerRecord(db) }
  const authority = openAuthority(secrets, load)
  await authority.serverSigner()
  const accounts = await listAuthorities(db)
  for (const id of accounts) {
    // Before its registration an account has keys and no certificates yet.
    if (await authority.find(id)) continue
    const row = (await findAccountAuthority(db, id))!
    openKey(secrets, row.accountCaKey, 'account CA key')
    openKey(secrets, row.signingKey, 'account signing key')
  }
  return accounts.length
}

async function checkTls(db: Db, secrets: SecretBox): Promise<number> {
  const found = await Promise.all((['browser', 'device'] as const).map(purpose => findTlsCertificate(db, purpose)))
  const records = found.filter(record => record !== undefined)
  for (const { purpose, privateKey, rootKey } of records) {
    secrets.open(privateKey, sealedAs(purpose, 'key'))
    if (rootKey) secrets.open(rootKey, sealedAs(purpose, 'root key'))
  }
  return records.length
}
