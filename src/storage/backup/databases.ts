import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { databaseOf, onDatabase } from './address.ts'

/** Who takes, tries or restores a backup of a database holds this and the hash of its name. */
const backupLock = 7_110_020

/** The databases of one server, seen from the one that everybody may enter. Held by one at a time for each database. */
export type Databases = {
  /** The name of the database that the server uses. */
  live: string
  /** The same server, another database. */
  at(name: string): string
  exists(name: string): Promise<boolean>
  /** Makes an empty one. */
  create(name: string): Promise<void>
  /** Drops one, if it is there, whoever is connected to it. */
  drop(name: string): Promise<void>
  /** Those whose names begin so. */
  beginningWith(start: string): Promise<string[]>
  /** How many are connected to a database; autovacuum has no user and gives way by itself. */
  connected(name: string): Promise<number>
  /**
   * Puts `incoming` in the place of the live one, which becomes `outgoing`: one transaction, so that whatever is killed at whatever moment
   * leaves one or the other. Refuses while somebody is connected.
   */
  swap(incoming: string, outgoing: string): Promise<void>
}

/** Names are made by us; the quotes are for the live one, which the operator named. */
const quoted = (name: string) => pg.escapeIdentifier(name)

/** PostgreSQL cuts names at 63 bytes. */
export const derivedName = (live: string, use: string, id: string): string => `${live.slice(0, 30)}_${use}_${id}`

/**
 * Works on the databases of the server of `connection` while nobody else does. Whoever is killed gives the lock back with the connection, which
 * the database notices at the end of the statement that it is at: `patience` (ms) waits for that.
 */
export async function withDatabases<T>(connection: string, work: (databases: Databases) => Promise<T>, patience = 0): Promise<T> {
  const live = databaseOf(connection)
  const client = new pg.Client({ connectionString: onDatabase(connection, 'postgres'), application_name: 'quartermaster backup' })
  client.on('error', () => {})
  await client.connect()
  try {
    const free = await lockWithin(client, live, patience)
    refuseUnless(free, 'CONFLICT', 'Another backup, verification or restore is at work on this server. Try again when it is done.')
    return await work(open(client, connection, live))
  } finally {
    await client.end()
  }
}

async function lockWithin(client: pg.Client, live: string, patience: number): Promise<boolean> {
  const until = performance.now() + patience
  for (;;) {
    const { rows } = await client.query('select pg_try_advisory_lock($1, hashtext($2)) as free', [backupLock, live])
    if (rows[0].free || performance.now() >= until) return rows[0].free
    await setTimeout(100)
  }
}

function open(client: pg.Client, connection: string, live: string): Databases {
  const names = async (sql: string, ...values: string[]) => (await client.query(sql, values)).rows.map(row => row.datname as string)
  const rename = (from: string, to: string) => client.query(`alter database ${quoted(from)} rename to ${quoted(to)}`)
  return {
    live,
    at: name => onDatabase(connection, name),
    exists: async name => (await names('select datname from pg_database where datname = $1', name)).length > 0,
    // From the template that nobody changes, so that nothing is in it but what is restored.
    create: async name => void (await client.query(`create database ${quoted(name)} template template0`)),
    drop: async name => void (await client.query(`drop database if exists ${quoted(name)} with (force)`)),
    beginningWith: start => names('select datname from pg_database where starts_with(datname, $1)', start),
    connected: async name =>
      Number(
        (await client.query(`select count(*) from pg_stat_activity where datname = $1 and usesysid is not null`, [name])).rows[0].count,
      ),
    async swap(incoming, outgoing) {
      await client.query('begin')
      try {
        await client.query('set local synchronous_commit = on')
        await rename(live, outgoing)
        await rename(incoming, live)
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        if ((error as { code?: string }).code === '55006') throw new Refusal('CONFLICT', atWork)
        throw error
      }
    },
  }
}

/** What somebody is told who would take the database from under a server. */
export const atWork = 'A server, or somebody else, is at work on the database. Stop the server first.'
