import type { ApiClient } from '../../rules/apiClients.ts'
import { type ApiClientRow, apiClientFrom } from '../apiClients.ts'
import type { Db } from '../db.ts'

/** A client as its page lists it: whose it is, when it last asked for a token, and how many it holds. */
export type ListedApiClient = ApiClient & { account: { uuid: string; name: string } | null; lastTokenAt: Date | null; tokens: number }

type Row = ApiClientRow & Pick<ListedApiClient, 'account' | 'lastTokenAt' | 'tokens'>

const listed = `select c.*, case when l.id is null then null else json_build_object('uuid', l.uuid, 'name', l.name) end as account,
    (select max(t.created_at) from api_tokens t where t.api_client_id = c.id) as "lastTokenAt",
    (select count(*) from api_tokens t where t.api_client_id = c.id and t.expires_at > :now) as tokens
  from api_clients c left join local_accounts l on l.id = c.local_account_id`

const fromRow = (row: Row): ListedApiClient => ({
  ...apiClientFrom(row),
  account: row.account,
  lastTokenAt: row.lastTokenAt,
  tokens: row.tokens,
})

/** The clients of the API, those in force first, then by name; no more than `limit`. */
export async function listApiClients(db: Db, now: Date, limit: number): Promise<ListedApiClient[]> {
  const { rows } = await db.raw(`${listed} order by c.revoked_at is not null, lower(c.name), c.id limit :limit`, { now, limit })
  return rows.map(fromRow)
}

/** One of them by its client id. */
export async function findListedApiClient(db: Db, now: Date, clientId: string): Promise<ListedApiClient | undefined> {
  const { rows } = await db.raw(`${listed} where c.client_id = :clientId`, { now, clientId })
  return rows[0] && fromRow(rows[0])
}
