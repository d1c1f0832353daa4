import type { ApiClient, ApiScope } from '../rules/apiClients.ts'
import type { Db } from './db.ts'

/** A row as it comes from the database. */
export type ApiClientRow = {
  id: number
  client_id: string
  secret_hash: Buffer
  name: string
  local_account_id: number | null
  scopes: ApiScope[]
  created_at: Date
  created_by: string
  expires_at: Date | null
  revoked_at: Date | null
}

/** The noun out of its row; the secret's hash stays behind. */
export const apiClientFrom = (row: ApiClientRow): ApiClient => ({
  id: row.id,
  clientId: row.client_id,
  name: row.name,
  localAccountId: row.local_account_id,
  scopes: row.scopes,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})

/** Adds a client, with the hash of its secret. */
export async function insertApiClient(db: Db, client: Omit<ApiClient, 'id' | 'revokedAt'>, secretHash: Buffer): Promise<ApiClient> {
  const [row] = await db<ApiClientRow>('api_clients')
    .insert({
      client_id: client.clientId,
      secret_hash: secretHash,
      name: client.name,
      local_account_id: client.localAccountId,
      scopes: client.scopes,
      created_at: client.createdAt,
      created_by: client.createdBy,
      expires_at: client.expiresAt,
    })
    .returning('*')
  return apiClientFrom(row!)
}

/** Marks a client as revoked, once; undefined when it is not there or was revoked before. */
export async function markApiClientRevoked(db: Db, clientId: string, at: Date): Promise<ApiClient | undefined> {
  const [row] = await db<ApiClientRow>('api_clients')
    .where({ client_id: clientId })
    .whereNull('revoked_at')
    .update({ revoked_at: at })
    .returning('*')
  return row && apiClientFrom(row)
}

/** A client by the name it signs in with, and the hash of its secret for whoever checks it. */
export async function findApiClient(db: Db, clientId: string): Promise<{ client: ApiClient; secretHash: Buffer } | undefined> {
  const row = await db<ApiClientRow>('api_clients').where({ client_id: clientId }).first()
  return row && { client: apiClientFrom(row), secretHash: row.secret_hash }
}
