import type { Database } from '../../../src/lab/cloud/store/database.ts'
import type { Db } from '../../../src/storage/db.ts'

/** What a backup of the server holds of the one account that the model has, in an order in which rows can be put back. */
const ofServer = [
  'account_authorities',
  'server_identity',
  'entitlements',
  'entitlement_shares',
  'authorizations',
  'product_instances',
  'product_instance_contacts',
  'certificates',
  'usage',
  'tombstones',
  'synchronizations',
  'resynchronizations',
  'reported_product_instances',
  'sent_product_instances',
]
/** The account itself stays, because everything refers to it, and gets its former values. */
const account = 'local_accounts'
/** Columns that the database writes itself. */
const made: Record<string, string[]> = { authorizations: ['balance'], [account]: ['id'] }

/** The state of the server's side, as a backup keeps it. */
export type Backup = { rows: Record<string, string> }

export async function takeBackup(db: Db): Promise<Backup> {
  const columns = [account, ...ofServer].map(table => `(select coalesce(json_agg(t), '[]')::text from ${table} t) as ${table}`)
  const { rows } = await db.raw(`select ${columns.join(', ')}`)
  return { rows: rows[0] }
}

/** Puts the server back to what it was: what happened since is forgotten. */
export async function restoreBackup(db: Db, backup: Backup): Promise<void> {
  await db.transaction(async tx => {
    await tx.raw(
      [...ofServer]
        .reverse()
        .map(table => `delete from ${table}`)
        .join('; '),
    )
    for (const table of ofServer.filter(each => backup.rows[each] !== '[]')) {
      const names = await columnsOf(tx, table)
      await tx.raw(
        `insert into ${table} (${names}) overriding system value select ${names} from json_populate_recordset(null::${table}, ?::json)`,
        [backup.rows[table]!],
      )
    }
    const names = await columnsOf(tx, account)
    await tx.raw(
      `update ${account} a set (${names}) = (select ${names} from json_populate_recordset(null::${account}, ?::json) b where b.id = a.id)`,
      [backup.rows[account]!],
    )
  })
}

const known = new Map<string, string>()

async function columnsOf(db: Db, table: string): Promise<string> {
  if (!known.has(table)) {
    const { rows } = await db.raw(
      'select column_name as name from information_schema.columns where table_name = ? order by ordinal_position',
      [table],
    )
    const names = rows.map((row: { name: string }) => row.name).filter((name: string) => !made[table]?.includes(name))
    known.set(table, names.join(', '))
  }
  return known.get(table)!
}

const ofCloud = [
  'servers',
  'registrations',
  'requests',
  'resync_tokens',
  'product_instances',
  'usage',
  'told_entitlements',
  'commands',
  'purchases',
  'settings',
]

/** Keeps what the cloud knows now, for every run of the model to begin with. */
export const keepCloud = ({ write }: Database): Promise<void> =>
  write(db => {
    for (const table of ofCloud) db.run(`create table kept_${table} as select * from ${table}`)
  })

/** Puts the cloud back to what it was. */
export const restoreCloud = ({ write }: Database): Promise<void> =>
  write(db => {
    db.run('pragma defer_foreign_keys = on')
    for (const table of [...ofCloud].reverse()) db.run(`delete from ${table}`)
    for (const table of ofCloud) db.run(`insert into ${table} select * from kept_${table}`)
  })
