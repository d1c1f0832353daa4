import type { LocalVirtualAccount } from '../rules/accounts.ts'
import type { Db } from './db.ts'

type Row = {
  local_account_id: number
  id: number
  name: string
  description: string
  is_default: boolean
  is_public: boolean
  created_at: Date
}

const fromRow = (row: Row): LocalVirtualAccount => ({
  localAccountId: row.local_account_id,
  id: row.id,
  name: row.name,
  description: row.description,
  isDefault: row.is_default,
  isPublic: row.is_public,
  createdAt: row.created_at,
})

/** All Local Virtual Accounts of an account, Default first, then by name. */
export async function listLocalVirtualAccounts(db: Db, localAccountId: number): Promise<LocalVirtualAccount[]> {
  const rows = await db<Row>('local_virtual_accounts')
    .where({ local_account_id: localAccountId })
    .orderBy([{ column: 'is_default', order: 'desc' }, { column: 'name' }])
  return rows.map(fromRow)
}

/** One Local Virtual Account by its number within the account. */
export async function findLocalVirtualAccount(db: Db, localAccountId: number, id: number): Promise<LocalVirtualAccount | undefined> {
  const row = await db<Row>('local_virtual_accounts').where({ local_account_id: localAccountId, id }).first()
  return row && fromRow(row)
}

/** The one that synchronized entitlements land in. */
export async function findDefaultLocalVirtualAccount(db: Db, localAccountId: number): Promise<LocalVirtualAccount | undefined> {
  const row = await db<Row>('local_virtual_accounts').where({ local_account_id: localAccountId, is_default: true }).first()
  return row && fromRow(row)
}

/** Adds a Local Virtual Account; a name that the account has already is the database's to refuse. */
export async function insertLocalVirtualAccount(
  db: Db,
  account: Pick<LocalVirtualAccount, 'localAccountId' | 'name' | 'createdAt'> & Partial<LocalVirtualAccount>,
): Promise<LocalVirtualAccount> {
  const [row] = await db<Row>('local_virtual_accounts')
    .insert({
      local_account_id: account.localAccountId,
      name: account.name,
      description: account.description ?? '',
      is_default: account.isDefault ?? false,
      is_public: account.isPublic ?? true,
      created_at: account.createdAt,
    })
    .returning('*')
  return fromRow(row!)
}

/** "`{va}` … a name or an id" (api.md): the name wins, so that one named like another's number is still reached. */
export async function findLocalVirtualAccountByNameOrId(
  db: Db,
  localAccountId: number,
  text: string,
): Promise<LocalVirtualAccount | undefined> {
  const named = await db<Row>('local_virtual_accounts')
    .where({ local_account_id: localAccountId })
    .whereRaw('lower(name) = lower(?)', [text])
    .first()
  if (named) return fromRow(named)
  return /^[1-9]\d{0,8}$/.test(text) ? findLocalVirtualAccount(db, localAccountId, Number(text)) : undefined
}
