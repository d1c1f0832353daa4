import type { LocalVirtualAccount } from '../rules/accounts.ts'
import { refuseUnless } from '../rules/refusal.ts'
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

/** One Local Virtual Account by its number; it is a refusal when there is none. */
export async function getLocalVirtualAccount(db: Db, localAccountId: number, id: number): Promise<LocalVirtualAccount> {
  const place = await findLocalVirtualAccount(db, localAccountId, id)
  refuseUnless(place, 'NOT_FOUND', 'There is no such Local Virtual Account.')
  return place
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

/** Writes what a person may change of a Local Virtual Account; a name that the account has already is the database's to refuse. */
export async function updateLocalVirtualAccount(
  db: Db,
  { localAccountId, id, name, description, isPublic }: Omit<LocalVirtualAccount, 'isDefault' | 'createdAt'>,
): Promise<LocalVirtualAccount> {
  const [row] = await db<Row>('local_virtual_accounts')
    .where({ local_account_id: localAccountId, id })
    .update({ name, description, is_public: isPublic })
    .returning('*')
  return fromRow(row!)
}

/** What is left in a Local Virtual Account: product instances, licenses in force, tokens that still let products in, roles that people hold in it. */
export type PlaceRemains = { instances: number; licenses: number; tokens: number; roles: number }

/** Counts what is left in a Local Virtual Account. */
export async function findPlaceRemains(db: Db, localAccountId: number, id: number, now: Date): Promise<PlaceRemains> {
  const { rows } = await db.raw(
    `select (select coalesce(sum(instances), 0)::bigint from product_instance_counts where local_account_id = :account and local_virtual_account_id = :id) as instances,
            (select coalesce(sum(s.quantity), 0)::bigint from entitlement_shares s join entitlements e using (local_account_id, license_id)
             where s.local_account_id = :account and s.local_virtual_account_id = :id and e.starts_at <= :now and (e.ends_at is null or e.ends_at > :now)) as licenses,
            (select count(*) from registration_tokens where local_account_id = :account and local_virtual_account_id = :id and revoked_at is null and expires_at > :now) as tokens,
            (select count(*) from role_assignments where local_account_id = :account and local_virtual_account_id = :id) as roles`,
    { account: localAccountId, id, now },
  )
  return rows[0]
}

/** Takes a Local Virtual Account that is to be deleted: who would put something into it waits, and finds it gone. */
export async function lockForDeletion(tx: Db, localAccountId: number, id: number): Promise<void> {
  await tx('local_virtual_accounts').where({ local_account_id: localAccountId, id }).forUpdate().first('id')
}

/** What hangs on a Local Virtual Account and goes with it. `events` stays: its lines hang on nothing. */
const placeTables = [
  'registration_tokens',
  'role_assignments',
  'group_roles',
  'substitutions',
  'authorizations',
  'product_instance_counts',
  'usage_history',
] as const

/** Removes a Local Virtual Account that holds nothing in force; what it has of lots that ended or are to come goes to `heirId`. */
export async function deleteLocalVirtualAccount(tx: Db, localAccountId: number, id: number, heirId: number): Promise<void> {
  const place = { local_account_id: localAccountId, local_virtual_account_id: id }
  await tx.raw(
    `insert into entitlement_shares as s (local_account_id, license_id, local_virtual_account_id, quantity)
     select local_account_id, license_id, :heirId::integer, quantity from entitlement_shares
     where local_account_id = :localAccountId and local_virtual_account_id = :id
     on conflict (local_account_id, license_id, local_virtual_account_id) do update set quantity = s.quantity + excluded.quantity`,
    { localAccountId, id, heirId },
  )
  await tx('entitlement_shares').where(place).delete()
  for (const table of placeTables) await tx(table).where(place).delete()
  await tx('local_virtual_accounts').where({ local_account_id: localAccountId, id }).delete()
}
