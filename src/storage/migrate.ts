import { readdirSync, readFileSync } from 'node:fs'
import type { Knex } from 'knex'
import { findCompatibility, keepFitFor, raiseLeastKnown } from './compatibility.ts'
import { openStorage, type Storage, type StorageOptions } from './db.ts'

const ownFolder = new URL('../../sql/', import.meta.url)

/** Any number will do, as long as every release uses the same one. */
const migrationLock = 7_110_001

const numberOf = (name: string) => Number(name.slice(0, 4))

/**
 * The numbered files, in order. Two with one number is a mistake of ours and stops everything; a gap is none, because who works beside others
 * takes numbers of their own, and what comes into a gap later is run then.
 */
function migrationNames(folder = ownFolder): string[] {
  const names = readdirSync(folder)
    .filter(name => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
  names.forEach((name, index) => {
    if (index > 0 && numberOf(name) === numberOf(names[index - 1]!)) throw new Error(`sql/${name} has the number of another file.`)
  })
  return names
}

/** The schema that a release has to know to live with what a file takes away; undefined for a file that takes nothing away. */
function neededBy(sql: string): number | undefined {
  const [, number] = /^-- contract: needs schema (\d{4})\n/.exec(sql) ?? []
  return number === undefined ? undefined : Number(number)
}

const textOf = (name: string, folder: URL) => readFileSync(new URL(name, folder), 'utf8')

/** The files that are run as long as a release of schema `kept` may be gone back to: what takes away what it needs comes a release later. */
const fitFor = (kept: number | null, folder: URL) =>
  migrationNames(folder).filter(name => kept === null || (neededBy(textOf(name, folder)) ?? 0) <= kept)

/** How long a change waits for a table that somebody holds: whoever comes after it waits for it, too. Then it lets them by, and tries again. */
const patience = 5000
const attempts = 12

/** knex runs plain SQL: forward only, each file in its own transaction. A question mark would be taken for a parameter, so it is escaped. */
const sourceOf = (names: string[], folder: URL): Knex.MigrationSource<string> => ({
  getMigrations: async () => names,
  getMigrationName: name => name,
  getMigration: async name => ({
    async up(tx) {
      const sql = textOf(name, folder)
      await tx.raw(`set local lock_timeout = ${patience}`)
      await tx.raw(sql.replaceAll('?', '\\?'))
      const needed = neededBy(sql)
      if (needed !== undefined) await raiseLeastKnown(tx, needed)
    },
    down: async () => {
      throw new Error('Migrations only go forward.')
    },
  }),
})

// A newer release may have run files that this one does not have: whether that is in the way stands in the database.
const settings = { tableName: 'migrations', disableMigrationsListValidation: true }

/** The number of the newest migration this release carries. */
export const newestKnown = (): number => numberOf(migrationNames().at(-1)!)

/** The number of the newest migration the database has had; 0 when it is empty. */
export async function schemaNumber(db: Knex): Promise<number> {
  if (!(await db.schema.hasTable(settings.tableName))) return 0
  const { rows } = await db.raw('select coalesce(max(left(name, 4)::int), 0) as number from migrations')
  return rows[0].number
}

/** The files of this release that the database has not had and that nothing keeps waiting. */
export async function pendingMigrations(db: Knex): Promise<string[]> {
  const done: string[] = await db('migrations').pluck('name')
  const { kept } = await findCompatibility(db)
  return fitFor(kept, ownFolder).filter(name => !done.includes(name))
}

/**
 * Refuses a database that a newer release has taken something from that this one needs. "Old code keeps working on the new schema for one release":
 * what a newer one has only added is not in the way.
 */
export async function refuseForeignSchema(db: Knex): Promise<void> {
  const known = newestKnown()
  const { leastKnown } = await findCompatibility(db)
  if (leastKnown > known) {
    throw new Error(
      `The database has schema ${await schemaNumber(db)}, which takes a release that knows schema ${leastKnown}, and this release knows schemas up to ${known}. ` +
        'Start the release that made it, or a newer one; or restore a backup that this release, or an older one, has taken.',
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
 * Brings the schema to that of this release and returns the names of the files that were run. Safe to call from several servers at once: the
 * others wait. With `keep` the database stays fit for a release of that schema, and what such a release could not live with waits for the next call
 * that keeps a newer one. knex's own lock row stays set after a power cut, and whoever holds the advisory lock may free it, because nobody else migrates.
 */
export const migrate = (db: Knex, { keep, folder = ownFolder }: { keep?: number; folder?: URL } = {}): Promise<string[]> =>
  underLock(db, async () => {
    await refuseForeignSchema(db)
    if (keep !== undefined) await keepFitFor(db, keep)
    const { kept } = await findCompatibility(db)
    const config = { ...settings, migrationSource: sourceOf(fitFor(keep ?? kept, folder), folder) }
    await db.migrate.forceFreeMigrationsLock(config)
    // One at a time, because `latest` puts all of them into one transaction: each file is kept as soon as it is done.
    const run: string[] = []
    for (let names = await oneUp(db, config); names.length > 0; names = await oneUp(db, config)) run.push(...names)
    if (keep !== undefined) await keepFitFor(db, keep)
    return run
  })

async function oneUp(db: Knex, config: Knex.MigratorConfig, attempt = 1): Promise<string[]> {
  try {
    return (await db.migrate.up(config))[1]
  } catch (error) {
    // 55P03, lock_not_available: somebody worked on a table for longer than that.
    if ((error as { code?: string }).code !== '55P03' || attempt === attempts) throw error
    await db.migrate.forceFreeMigrationsLock(config)
    return oneUp(db, config, attempt + 1)
  }
}

/** Opens the database and migrates it. Refuses, with one sentence each, one that does not answer and one that takes a newer release. */
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
