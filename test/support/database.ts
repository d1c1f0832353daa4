import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { stopPostmaster } from '../../src/storage/cluster/postmaster.ts'
import { type Cluster, startCluster } from '../../src/storage/cluster.ts'
import { openStorage, type Storage } from '../../src/storage/db.ts'
import { openMigrated } from '../../src/storage/migrate.ts'

/** A database of one's own, migrated. */
export type TestDatabase = { storage: Storage; connection: string; drop(): Promise<void> }

const template = 'quartermaster_template'
const prefix = 'quartermaster-test-'

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The server that the tests of this run use; mocha's workers get it by the environment. Set it beforehand to use one of your own. */
export function serverOfTests(): string {
  const connection = process.env.TEST_DATABASE_URL
  if (!connection) throw new Error('There is no database for tests. Run this file with mocha, whose settings start one.')
  return connection
}

/** The same server, another database. */
const databaseNamed = (name: string) => serverOfTests().replace(/\/[^/?]+(?=\?|$)/, `/${name}`)

async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverOfTests() })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Ends and removes the clusters of runs that were killed: the folder names the process, and it is gone. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter(name => name.startsWith(prefix))) {
    if (isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue
    await removeCluster(join(tmpdir(), name))
  }
}

async function removeCluster(folder: string): Promise<void> {
  await stopPostmaster(join(folder, 'postgres'))
  rmSync(folder, { recursive: true, force: true })
}

let cluster: Cluster | undefined
let folder: string | undefined

/** Once a run, before the workers: one cluster, and a template that every test's database is a copy of. */
export async function mochaGlobalSetup(): Promise<void> {
  if (!process.env.TEST_DATABASE_URL) {
    await sweep()
    folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
    cluster = await startCluster(folder, { fast: true, binaries: process.env.QUARTERMASTER_POSTGRES_BIN })
    process.env.TEST_DATABASE_URL = cluster.connection
  }
  await administer(`drop database if exists ${template}`, `create database ${template}`)
  await (await openMigrated(databaseNamed(template))).close()
}

/** Once a run, after the workers, and after failures too. */
export async function mochaGlobalTeardown(): Promise<void> {
  await cluster?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
}

/** A database without tables, for tests of migrations. `drop` sends away whoever is still connected. */
export async function createEmptyDatabase(from = 'template1'): Promise<{ connection: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`
  // Copying files is the quicker way where nothing waits for the disk.
  await administer(`create database ${name} template ${from} strategy file_copy`)
  return { connection: databaseNamed(name), drop: () => administer(`drop database ${name} with (force)`) }
}

/** A copy of the migrated template, made of files and not of statements: make it in `before`, give it back with `drop()` in `after`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { connection, drop } = await createEmptyDatabase(template)
  const storage = openStorage(connection, { connections: 5, pageConnections: 2 })
  return {
    storage,
    connection,
    async drop() {
      await storage.close()
      await drop()
    },
  }
}
