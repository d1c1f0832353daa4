import { randomUUID } from 'node:crypto'
import { hashOf, isSame, makeSecret } from '../secrets.ts'
import { checkName } from './accounts.ts'
import type { Db } from './database.ts'

/** A script or server that may call this cloud. `smartAccountId` null: for every Smart Account. */
export type Client = { clientId: string; name: string; smartAccountId: number | null }

/** "bearer, 3599 s" */
export const tokenSeconds = 3599

const columns = 'client_id as clientId, name, smart_account_id as smartAccountId'

/** Every client, by name, with the Smart Account it is for. */
export const listClients = (db: Db): (Client & { smartAccountName: string | null })[] =>
  db.all(`select c.client_id as clientId, c.name, c.smart_account_id as smartAccountId, s.name as smartAccountName
          from clients c left join smart_accounts s on s.id = c.smart_account_id order by c.name`)

/** Makes a client; the secret is given here and never again. */
export function createClient(
  db: Db,
  { name, smartAccountId }: Omit<Client, 'clientId'>,
  now: Date,
): { clientId: string; clientSecret: string } {
  const [clientId, clientSecret] = [randomUUID(), makeSecret()]
  db.run('insert into clients values (?, ?, ?, ?, ?)', clientId, hashOf(clientSecret), checkName(name), smartAccountId, now.getTime())
  return { clientId, clientSecret }
}

/** Takes a client's way in, and its tokens with it. */
export function revokeClient(db: Db, clientId: string): void {
  db.run('delete from clients where client_id = ?', clientId)
}

/** Gives a client its access token; undefined where the secret is not its own. */
export function signClientIn(db: Db, clientId: string, clientSecret: string, now: Date): string | undefined {
  const kept = db.one<{ secret_hash: string }>('select secret_hash from clients where client_id = ?', clientId)
  if (!isSame(hashOf(clientSecret), kept?.secret_hash ?? '')) return undefined
  const token = makeSecret()
  db.run('delete from access_tokens where expires_at <= ?', now.getTime())
  db.run('insert into access_tokens values (?, ?, ?)', hashOf(token), clientId, now.getTime() + tokenSeconds * 1000)
  return token
}

/** Whose token it is; undefined for one that has ended or was never given. */
export const findClientByToken = (db: Db, token: string, now: Date): Client | undefined =>
  db.one(
    `select ${columns} from clients join access_tokens using (client_id) where token_hash = ? and expires_at > ?`,
    hashOf(token),
    now.getTime(),
  )
