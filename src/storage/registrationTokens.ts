import { isUuid } from '../rules/identifiers.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

type Row = {
  local_account_id: number
  id: string
  local_virtual_account_id: number
  secret_hash: Buffer
  secret_sealed: Buffer
  description: string
  export_controlled: boolean
  maximum_uses: number | null
  uses: number
  expires_at: Date
  created_at: Date
  created_by: string
  revoked_at: Date | null
  revoked_by: string | null
}

/** What is kept of a token's secret: a keyed hash to compare with, and the sealed text to show again. */
export type KeptSecret = { hash: Buffer; sealed: Buffer }

const fromRow = (row: Row): RegistrationToken => ({
  localAccountId: row.local_account_id,
  id: row.id,
  localVirtualAccountId: row.local_virtual_account_id,
  description: row.description,
  exportControlled: row.export_controlled,
  maximumUses: row.maximum_uses,
  uses: row.uses,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  createdBy: row.created_by,
  revokedAt: row.revoked_at,
})

const keptFrom = (row: Row | undefined) => row && { token: fromRow(row), secret: { hash: row.secret_hash, sealed: row.secret_sealed } }

/** Adds a token. */
export async function insertRegistrationToken(db: Db, token: RegistrationToken, secret: KeptSecret): Promise<void> {
  await db<Row>('registration_tokens').insert({
    local_account_id: token.localAccountId,
    id: token.id,
    local_virtual_account_id: token.localVirtualAccountId,
    secret_hash: secret.hash,
    secret_sealed: secret.sealed,
    description: token.description,
    export_controlled: token.exportControlled,
    maximum_uses: token.maximumUses,
    uses: token.uses,
    expires_at: token.expiresAt,
    created_at: token.createdAt,
    created_by: token.createdBy,
    revoked_at: token.revokedAt,
  })
}

/** One token with what is kept of its secret; any text that is no identifier finds nothing. */
export async function findRegistrationToken(
  db: Db,
  localAccountId: number,
  id: string,
): Promise<{ token: RegistrationToken; secret: KeptSecret } | undefined> {
  if (!isUuid(id)) return undefined
  const row = await db<Row>('registration_tokens').where({ local_account_id: localAccountId, id }).first()
  return keptFrom(row)
}

/** How a token is named. */
export type TokenKey = { localAccountId: number; id: string }

/** The tokens that a group of messages presents, in the order they were asked for. */
export async function findRegistrationTokens(
  db: Db,
  keys: TokenKey[],
): Promise<({ token: RegistrationToken; secret: KeptSecret } | undefined)[]> {
  const result = await runPrepared(
    db,
    `select t.* from (select distinct * from unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)) k
     join registration_tokens t using (local_account_id, id)`,
    [keys.map(key => key.localAccountId), keys.map(key => key.id)],
  )
  const rows = new Map((result.rows as Row[]).map(row => [row.id, row]))
  return keys.map(({ id }) => keptFrom(rows.get(id)))
}

/** The tokens of a Local Virtual Account, the newest first. */
export async function listRegistrationTokens(db: Db, localAccountId: number, localVirtualAccountId: number): Promise<RegistrationToken[]> {
  const rows = await db<Row>('registration_tokens')
    .where({ local_account_id: localAccountId, local_virtual_account_id: localVirtualAccountId })
    .orderBy([{ column: 'created_at', order: 'desc' }, { column: 'id' }])
  return rows.map(fromRow)
}

/** Counts so many uses, unless the token was revoked or its maximum is exceeded: however many come at once, the row decides. */
export async function claimTokenUses(db: Db, localAccountId: number, id: string, uses: number): Promise<boolean> {
  const result = await runPrepared(
    db,
    `update registration_tokens set uses = uses + :uses
     where local_account_id = :localAccountId and id = :id and revoked_at is null and (maximum_uses is null or uses + :uses <= maximum_uses)`,
    { localAccountId, id, uses },
  )
  return result.rowCount === 1
}

/** Revokes a token; one that was revoked before keeps when and by whom. Gives the token as it is now. */
export async function markTokenRevoked(
  db: Db,
  localAccountId: number,
  id: string,
  by: { at: Date; who: string },
): Promise<RegistrationToken | undefined> {
  if (!isUuid(id)) return undefined
  const [row] = await db<Row>('registration_tokens')
    .where({ local_account_id: localAccountId, id })
    .update({ revoked_at: db.raw('coalesce(revoked_at, ?)', [by.at]), revoked_by: db.raw('coalesce(revoked_by, ?)', [by.who]) })
    .returning('*')
  return row && fromRow(row)
}
