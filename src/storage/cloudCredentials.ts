import type { Db } from './db.ts'

/** As whom the cloud lets an account in; the secret is sealed. Account 0 is the server itself. */
export type StoredCredentials = { localAccountId: number; clientId: string; clientSecret: Buffer; changedAt: Date; changedBy: string }

/** The account's own credentials, else the server's; undefined where neither has been set. */
export async function findCloudCredentials(db: Db, localAccountId: number): Promise<StoredCredentials | undefined> {
  const row = await db('cloud_credentials').whereIn('local_account_id', [localAccountId, 0]).orderBy('local_account_id', 'desc').first()
  return (
    row && {
      localAccountId: row.local_account_id,
      clientId: row.client_id,
      clientSecret: row.client_secret,
      changedAt: row.changed_at,
      changedBy: row.changed_by,
    }
  )
}

/** Puts credentials in the place of those before. */
export async function putCloudCredentials(db: Db, credentials: StoredCredentials): Promise<void> {
  await db('cloud_credentials')
    .insert({
      local_account_id: credentials.localAccountId,
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      changed_at: credentials.changedAt,
      changed_by: credentials.changedBy,
    })
    .onConflict('local_account_id')
    .merge()
}

/** Forgets credentials and gives their client id; undefined where there were none. */
export async function deleteCloudCredentials(db: Db, localAccountId: number): Promise<string | undefined> {
  const [row] = await db('cloud_credentials').where({ local_account_id: localAccountId }).delete().returning('client_id')
  return row?.client_id
}
