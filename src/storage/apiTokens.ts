import type { ApiClient, ApiScope } from '../rules/apiClients.ts'
import type { RoleAssignment } from '../rules/roles.ts'
import { type ApiClientRow, apiClientFrom } from './apiClients.ts'
import type { Db } from './db.ts'

/** An access token: the script holds the text, the table its hash. */
export type ApiToken = {
  tokenHash: Buffer
  apiClientId: number
  userId: number | null
  scopes: ApiScope[]
  createdAt: Date
  expiresAt: Date
}

/** Who holds a token: the client, and the person whose password it was given for, with what that person may do. */
export type ApiTokenHolder = {
  expiresAt: Date
  scopes: ApiScope[]
  client: ApiClient
  user: { username: string; assignments: RoleAssignment[] } | null
}

/** Keeps a token. */
export async function insertApiToken(db: Db, token: ApiToken): Promise<void> {
  await db('api_tokens').insert({
    token_hash: token.tokenHash,
    api_client_id: token.apiClientId,
    user_id: token.userId,
    scopes: token.scopes,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
  })
}

type HolderRow = ApiClientRow & {
  token_expires_at: Date
  token_scopes: ApiScope[]
  username: string | null
  assignments: { role: RoleAssignment['role']; account: number | null; place: number | null }[]
}

/** Who holds the token of this hash. The token of a person who was disabled is none. It is asked for each call, so it is one question. */
export async function findApiTokenHolder(db: Db, tokenHash: Buffer): Promise<ApiTokenHolder | undefined> {
  const { rows } = await db.raw(
    `select c.*, t.expires_at as token_expires_at, t.scopes as token_scopes, u.username,
            coalesce((select json_agg(json_build_object('role', r.role, 'account', r.local_account_id, 'place', r.local_virtual_account_id))
                      from role_assignments r where r.user_id = u.id), '[]') as assignments
     from api_tokens t join api_clients c on c.id = t.api_client_id left join users u on u.id = t.user_id
     where t.token_hash = ? and u.disabled_at is null`,
    [tokenHash],
  )
  const row: HolderRow | undefined = rows[0]
  return (
    row && {
      expiresAt: row.token_expires_at,
      scopes: row.token_scopes,
      client: apiClientFrom(row),
      user: row.username === null ? null : { username: row.username, assignments: row.assignments.map(assignmentFrom) },
    }
  )
}

const assignmentFrom = ({ role, account, place }: HolderRow['assignments'][number]): RoleAssignment => ({
  role,
  ...(account !== null && { localAccountId: account }),
  ...(place !== null && { localVirtualAccountId: place }),
})

/** Takes a client's token out of use; false when the client has no such token. */
export async function deleteApiToken(db: Db, tokenHash: Buffer, apiClientId: number): Promise<boolean> {
  return (await db('api_tokens').where({ token_hash: tokenHash, api_client_id: apiClientId }).delete()) === 1
}

/** Forgets the tokens that ended before a moment; gives how many. */
export const deleteApiTokensBefore = (db: Db, before: Date): Promise<number> => db('api_tokens').where('expires_at', '<', before).delete()

/** Ends every token of a client. */
export async function deleteTokensOfClient(db: Db, apiClientId: number): Promise<void> {
  await db('api_tokens').where({ api_client_id: apiClientId }).delete()
}

/** Ends every token that was given for a person's password. */
export async function deleteApiTokensOf(db: Db, userId: number): Promise<void> {
  await db('api_tokens').where({ user_id: userId }).delete()
}
