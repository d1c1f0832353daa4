import { refuseUnless } from '../refusal.ts'
import type { Db } from './database.ts'

export type SmartAccount = { id: number; name: string }
export type VirtualAccount = { id: number; smartAccountId: number; name: string; directProducts: number }

const smartColumns = 'id, name'
const virtualColumns = 'id, smart_account_id as smartAccountId, name, direct_products as directProducts'

/** A name as it is kept: 1 to 100 characters without control characters. */
export function checkName(name: string | undefined): string {
  const trimmed = name?.trim() ?? ''
  refuseUnless(trimmed.length >= 1 && trimmed.length <= 100 && !/\p{Cc}/u.test(trimmed), 'INVALID', 'Give a name of 1 to 100 characters.')
  return trimmed
}

/** Every Smart Account, by name, with how many Virtual Accounts it has. */
export const listSmartAccounts = (db: Db): (SmartAccount & { virtualAccounts: number })[] =>
  db.all(`select ${smartColumns}, (select count(*) from virtual_accounts v where v.smart_account_id = s.id) as virtualAccounts
          from smart_accounts s order by name`)

/** A Smart Account by its id, else by its name: "id decides". */
export function findSmartAccount(db: Db, wish: { id: string | null; name: string }): SmartAccount | undefined {
  if (wish.id !== null) return db.one(`select ${smartColumns} from smart_accounts where id = ?`, Number(wish.id))
  return db.one(`select ${smartColumns} from smart_accounts where name = ?`, wish.name)
}

/** Makes a Smart Account. Refuses a name that is taken. */
export function createSmartAccount(db: Db, name: string, now: Date): SmartAccount {
  const checked = checkName(name)
  refuseUnless(!findSmartAccount(db, { id: null, name: checked }), 'INVALID', `There is a Smart Account ${checked} already.`)
  const id = (db.one<{ id: number }>('select coalesce(max(id), 100000) + 1 as id from smart_accounts') as { id: number }).id
  db.run('insert into smart_accounts values (?, ?, ?)', id, checked, now.getTime())
  return { id, name: checked }
}

/** The Virtual Accounts of a Smart Account, by name, with the Local Account each is linked to. */
export const listVirtualAccounts = (db: Db, smartAccountId: number): (VirtualAccount & { localAccountName: string | null })[] =>
  db.all(
    `select v.id, v.smart_account_id as smartAccountId, v.name, v.direct_products as directProducts, r.local_account_name as localAccountName
     from virtual_accounts v left join registrations r on r.virtual_account_id = v.id where v.smart_account_id = ? order by v.name`,
    smartAccountId,
  )

/** A Virtual Account by its id. */
export const findVirtualAccount = (db: Db, id: number): VirtualAccount | undefined =>
  db.one(`select ${virtualColumns} from virtual_accounts where id = ?`, id)

/** A Virtual Account of a Smart Account by its id, else by its name. */
export function findVirtualAccountOf(
  db: Db,
  smartAccountId: number,
  wish: { id: string | null; name: string },
): VirtualAccount | undefined {
  const [column, value] = wish.id === null ? ['name', wish.name] : ['id', Number(wish.id)]
  return db.one(`select ${virtualColumns} from virtual_accounts where smart_account_id = ? and ${column} = ?`, smartAccountId, value!)
}

/** Makes a Virtual Account. Refuses a name that its Smart Account has already. */
export function createVirtualAccount(db: Db, smartAccountId: number, name: string, now: Date): VirtualAccount {
  const checked = checkName(name)
  const isTaken = findVirtualAccountOf(db, smartAccountId, { id: null, name: checked })
  refuseUnless(!isTaken, 'INVALID', `This Smart Account has a Virtual Account ${checked} already.`)
  const id = (db.one<{ id: number }>('select coalesce(max(id), 400000) + 1 as id from virtual_accounts') as { id: number }).id
  db.run(
    'insert into virtual_accounts (id, smart_account_id, name, created_at) values (?, ?, ?, ?)',
    id,
    smartAccountId,
    checked,
    now.getTime(),
  )
  return { id, smartAccountId, name: checked, directProducts: 0 }
}

/** Renames a Virtual Account; what is linked to it stays linked. */
export function renameVirtualAccount(db: Db, id: number, name: string): void {
  db.run('update virtual_accounts set name = ? where id = ?', checkName(name), id)
}

/** Says how many products are registered with the cloud itself. */
export function setDirectProducts(db: Db, id: number, count: number): void {
  refuseUnless(Number.isInteger(count) && count >= 0 && count <= 1_000_000, 'INVALID', 'Give a whole number of products, 0 or more.')
  db.run('update virtual_accounts set direct_products = ? where id = ?', count, id)
}
