import { accessSync, closeSync, constants, mkdirSync, openSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findBinaries } from './cluster/binaries.ts'
import { createCluster, majorOfCluster } from './cluster/create.ts'
import { clusterOwner, refuseForeignCluster } from './cluster/owner.ts'
import { bringUp, stopPostmaster } from './cluster/postmaster.ts'
import { readablePrograms } from './cluster/readable.ts'
import { writeSettings } from './cluster/settings.ts'

/** A running database of our own. `connection` is a PostgreSQL URL, good for this machine and this user until `stop()`. */
export type Cluster = { connection: string; stop(): Promise<void> }

export type ClusterOptions = {
  /** For tests: what was written may be lost in a power cut. */
  fast?: boolean
  /** The folder of PostgreSQL's programs, instead of looking for them. */
  binaries?: string | undefined
}

/** Locks in the database `postgres`: who uses the cluster, and who is setting it up. */
const locks = { use: 7_110_002, setUp: 7_110_003 }
/** A socket's address has 108 bytes, the last of which is 0. */
const longestSocketPath = 107

function prepareDataFolder(dataFolder: string): string {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
    accessSync(dataFolder, constants.W_OK | constants.X_OK)
    return realpathSync(dataFolder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      `The data folder ${dataFolder} cannot be written (${code}). Give it to this user, or name another with QUARTERMASTER_DATA.`,
      {
        cause: error,
      },
    )
  }
}

/** The folder of the socket as a client may name it. Too long a path is shortened by holding the folder open, for as long as it is used. */
function socketFolder(folder: string): { name: string; letGo(): void } {
  if (Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= longestSocketPath) return { name: folder, letGo() {} }
  const held = openSync(folder, 'r')
  return { name: `/proc/${process.pid}/fd/${held}`, letGo: () => closeSync(held) }
}

async function connect(host: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'postgres', application_name: name })
  // A broken connection is found by its next question; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Makes the role and the database that the server uses, unless they are there. The role may create databases: backups are tried in one. */
async function setUp(client: pg.Client): Promise<void> {
  const missing = async (question: string) => (await client.query(question)).rowCount === 0
  await client.query('select pg_advisory_lock($1)', [locks.setUp])
  if (await missing(`select from pg_roles where rolname = 'quartermaster'`)) await client.query('create role quartermaster login createdb')
  if (await missing(`select from pg_database where datname = 'quartermaster'`))
    await client.query('create database quartermaster owner quartermaster')
  await client.query('select pg_advisory_unlock($1)', [locks.setUp])
}

/** Whether somebody else uses the cluster: a second server on the same data folder, which found it running. */
async function usedByOthers(client: pg.Client): Promise<boolean> {
  await client.query('select pg_advisory_unlock_shared($1)', [locks.use])
  const { rows } = await client.query('select pg_try_advisory_lock($1) as alone', [locks.use])
  return !rows[0].alone
}

/** Stops the cluster, unless others use it: the last one puts out the light. Without its connection it cannot ask, and stops it. */
async function leave(folder: string, user: pg.Client): Promise<void> {
  const shared = await usedByOthers(user).catch(() => false)
  if (!shared) await stopPostmaster(folder)
  await user.end().catch(() => {})
}

/**
 * The private cluster in `dataFolder`/postgres: made if it is not there, started unless it runs (a killed server leaves it running, and it is
 * taken over as it is), reached through a unix socket alone. Works for root and for others, and in folders that only root may enter.
 * Refuses, with one sentence each: a folder that cannot be written, no PostgreSQL, one of another major version, one that does not start.
 */
export async function startCluster(dataFolder: string, options: ClusterOptions = {}): Promise<Cluster> {
  const data = prepareDataFolder(dataFolder)
  const [folder, log] = [join(data, 'postgres'), join(data, 'postgres.log')]
  const owner = clusterOwner(folder)
  refuseForeignCluster(folder, owner)
  const programs = readablePrograms(findBinaries(options.binaries, majorOfCluster(folder), folder).folder, owner)
  await createCluster(folder, owner, programs, log, options.fast ?? false)
  writeSettings(folder, owner, options.fast ?? false)
  await bringUp(folder, owner, join(programs, 'postgres'), log)
  const socket = socketFolder(folder)
  const user = await connect(socket.name, 'quartermaster keeps the cluster')
  await user.query('select pg_advisory_lock_shared($1)', [locks.use])
  await setUp(user)
  return {
    connection: `postgresql://quartermaster@/quartermaster?host=${encodeURIComponent(socket.name)}&port=5432`,
    async stop() {
      await leave(folder, user)
      socket.letGo()
    },
  }
}
