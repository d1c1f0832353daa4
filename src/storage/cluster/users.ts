import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { stopPostmaster } from './postmaster.ts'

/** Locks in the database `postgres`: who uses the cluster, and who is setting it up. */
const locks = { use: 7_110_002, setUp: 7_110_003 }

/** Makes the role and the database that the server uses, unless they are there. The role may create databases: backups are tried in one. */
async function setUp(client: pg.Client): Promise<void> {
  const missing = async (question: string) => (await client.query(question)).rowCount === 0
  await client.query('select pg_advisory_lock($1)', [locks.setUp])
  if (await missing(`select from pg_roles where rolname = 'quartermaster'`)) await client.query('create role quartermaster login createdb')
  if (await missing(`select from pg_database where datname = 'quartermaster'`))
    await client.query('create database quartermaster owner quartermaster')
  await client.query('select pg_advisory_unlock($1)', [locks.setUp])
}

async function joinOnce(host: string): Promise<pg.Client> {
  const client = new pg.Client({
    host,
    port: 5432,
    user: 'postgres',
    database: 'postgres',
    application_name: 'quartermaster uses the cluster',
  })
  // A broken connection is found by the next question; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select pg_advisory_lock_shared($1)', [locks.use])
    await setUp(client)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Somebody is stopping the cluster at this moment, or it has not read yet who may come. */
const passing = ['57P01', '57P03', '28000', 'ENOENT', 'ECONNREFUSED', 'ECONNRESET']
const isPassing = (error: Error & { code?: string }) => passing.includes(error.code ?? '') || /terminated/.test(error.message)

/**
 * Joins those who use the cluster behind the socket in `host`, after `bringUp` has seen to it that it runs. The connection that is returned
 * is the membership: a killed server gives it up by itself. Tries again while another one is just leaving; throws after 20 seconds.
 */
export async function joinUsers(host: string, bringUp: () => Promise<void>): Promise<pg.Client> {
  for (const patience = performance.now() + 20_000; ; await pause(50)) {
    await bringUp()
    try {
      return await joinOnce(host)
    } catch (error) {
      if (!isPassing(error as Error) || performance.now() > patience) throw error
    }
  }
}

/** Whether others use the cluster. If not, nobody can join any more until this connection ends. */
async function usedByOthers(user: pg.Client): Promise<boolean> {
  await user.query('select pg_advisory_unlock_shared($1)', [locks.use])
  const { rows } = await user.query('select pg_try_advisory_lock($1) as alone', [locks.use])
  return !rows[0].alone
}

/**
 * Leaves, and stops the cluster in `folder` unless others use it, as a second server on the same data folder would: the last one puts out
 * the light. Whose connection is broken cannot ask; the cluster has crashed then, and is stopped if it runs at all.
 */
export async function leaveUsers(user: pg.Client, folder: string): Promise<void> {
  if (!(await usedByOthers(user).catch(() => false))) await stopPostmaster(folder)
  await user.end().catch(() => {})
}
