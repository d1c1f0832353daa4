import { readdirSync, readFileSync } from 'node:fs'
import type { Knex } from 'knex'
import { openStorage, type Storage, type StorageOptions } from './db.ts'

const folder = new URL('../../sql/', import.meta.url)

/** Any number will do, as long as every release uses the same one. */
const migrationLock = 7_110_001

const numberOf = (name: string) => Number(name.slice(0, 4))

/**
 * The numbered files, in order. Two with one number is a mistake of ours and stops everything; a gap is none, because who works beside others
 * takes numbers of their own, and what comes into a gap later is run then.
 */
function migrationNames(): string[] {
  const names = readdirSync(folder)
    .filter(name => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
  names.forEach((name, index) => {
    if (index > 0 && numberOf(name) === numberOf(names[index - 1]!)) throw new Error(`sql/${name} has the number of another file.`)
  })
  return names
}

/** knex runs plain SQL: forward only, each file in its own transaction. A question mark would be taken for a parameter, so it is escaped. */
const source: Knex.MigrationSource<string> = {
  getMigrations: async () => migrationNames(),
  getMigrationName: name => name,
  getMigration: async name => ({
    up: tx => tx.raw(readFileSync(new URL(name, folder), 'utf8').replaceAll('?', '\\?')),
    down: async () => {
      throw new Error('Migrations only go forward.')
    },
  }),
}
const config: Knex.MigratorConfig = { migrationSource: source, tableName: 'migrations' }

/** The number of the newest migration this release carries. */
export const newestKnown = (): number => numberOf(migrationNames().at(-1)!)

/** The number of the newest migration the database has had; 0 when it is empty. */
export async function schemaNumber(db: Knex): Promise<number> {
  if (!(await db.schema.hasTable(config.tableName!))) return 0
  const { rows } = await db.raw('select coalesce(max(left(name, 4)::int), 0) as number from migrations')
  return rows[0].number
}

/** Refuses a database that a newer release has migrated: this one does not know what it would break. */
export async function refuseNewerSchema(db: Knex): Promise<void> {
  const [found, known] = [await schemaNumber(db), newestKnown()]
  if (found > known) {
    throw new Error(
      `The database has schema ${found}, and this release knows schemas up to ${known}. Start the release that made it, or a newer one.`,
    )
  }
}

/** Holds the advisory lock while `work` runs. The session is the lock: whoever is killed gives it back with the connection. */
async function underLock<T>(db: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await db.client.acquireConnection()
  try {
    await db.raw('select pg_advisory_lock(?)', [migrationLock]).connection(connection)
    return await work()
  } finally {
    await db
      .raw('select pg_advisory_unlock(?)', [migrationLock])
      .connection(connection)
      .catch(() => {})
    await db.client.releaseConnection(connection)
  }
}

/**
 * Brings the schema to `newestKnown()` and returns the names of the files that were run. Safe to call from several servers at once: the
 * others wait. knex's own lock row stays set after a power cut, and whoever holds the advisory lock may free it, because nobody else migrates.
 */
export const migrate = (db: Knex): Promise<string[]> =>
  underLock(db, async () => {
    await refuseNewerSchema(db)
    await db.migrate.forceFreeMigrationsLock(config)
    // One at a time, because `latest` puts all of them into one transaction: each file is kept as soon as it is done.
    const run: string[] = []
    for (let [, names] = await db.migrate.up(config); names.length > 0; [, names] = await db.migrate.up(config)) run.push(...names)
    return run
  })

/** Opens the database and migrates it. Refuses, with one sentence each, one that does not answer and one that is newer than this release. */
export async function openMigrated(connection: string, options?: StorageOptions): Promise<Storage> {
  const storage = openStorage(connection, options)
  try {
    await storage.check()
    await migrate(storage.db)
    return storage
  } catch (error) {
    await storage.close()
    throw error
  }
}
