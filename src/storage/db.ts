import knex, { type Knex } from 'knex'
import type { ClientConfig } from 'pg'
import pg from 'pg'
import { type Commits, watchCommits } from './commits.ts'

/** A pool or a transaction: storage functions take either first, so that a verb decides what is one transaction. */
export type Db = Knex | Knex.Transaction

/** The database as the rest of the server sees it. */
export type Storage = {
  /** Its PostgreSQL URL, for the programs of PostgreSQL. It may have a password: no log gets it. */
  connection: string
  /** The pool for verbs. */
  db: Knex
  /** A second, small pool for pages: it only reads, on one core, and gives up on a statement that takes too long. */
  pages: Knex
  /** Runs `work` in one transaction: all of it is durable when the promise is kept, none of it when it is broken. */
  transaction<T>(work: (tx: Knex.Transaction) => Promise<T>): Promise<T>
  /** Milliseconds that the oldest commit has waited for: for the disk, or for the standby. */
  commitsWait(): number
  /** Asks the database one question; throws a sentence when it does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

export type StorageOptions = {
  /** Connections for verbs. */
  connections?: number
  /** Connections for pages. */
  pageConnections?: number
  /** Milliseconds after which a page's statement is given up. */
  pageTimeout?: number
  /** Milliseconds after which a commit that is not answered is said to have an unknown outcome. */
  commitPatience?: number
  /** What the database's own list of connections calls this one. */
  name?: string
}

const typeId = { int8: 20, int8Array: 1016, date: 1082 }

/** int8 as a number, for counts and keys; one that a number cannot hold exactly is a fault, never a rounded value. */
function safeInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`The database gave ${text}, which a number cannot hold exactly.`)
  return number
}

const int8ArrayAsText = pg.types.getTypeParser(typeId.int8Array, 'text') as (text: string) => string[]

/**
 * How values arrive: int8 as a number, numeric as text (serial numbers of certificates have more digits than a number has), timestamptz as a
 * Date, and `date` as text, because a day without a zone is no moment.
 */
function parserOf(type: number, format?: 'text' | 'binary') {
  if (type === typeId.int8) return safeInteger
  if (type === typeId.int8Array) return (text: string) => int8ArrayAsText(text).map(item => (item === null ? null : safeInteger(item)))
  if (type === typeId.date) return (text: string) => text
  return pg.types.getTypeParser(type, format as 'text')
}

/** knex says nothing of its own: what fails is thrown, and whoever catches it decides what the log gets. */
const silence = { warn() {}, error() {}, debug() {}, deprecate() {} }

/** What a new connection is told before anybody gets it. Said by a statement, because options in DATABASE_URL would replace ours. */
function openPool(connection: string, name: string, max: number, settings: Record<string, string | number>, commits?: Commits): Knex {
  const assignments = Object.entries(settings).map(([setting, value]) => `set ${setting} = ${value}`)
  const config: ClientConfig = {
    connectionString: connection,
    application_name: name,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser: parserOf as never },
    // Statements of a transaction that do not wait for each other's answers go to the database together, and are done there in their order.
    ...{ pipeline: true },
  }
  const pool = knex({
    client: 'pg',
    connection: config as Knex.StaticConnectionConfig,
    log: silence,
    acquireConnectionTimeout: 15_000,
    pool: {
      min: 0,
      max,
      afterCreate: (client: pg.Client, done: (error: Error | undefined, client: pg.Client) => void) => {
        commits?.watch(client)
        client.query(assignments.join(';'), error => done(error ?? undefined, client))
      },
    },
  })
  if (commits) giveBackWhenQuiet(pool, commits)
  return pool
}

/** Whoever was told that nobody knows does not wait, but their connection does: the next one may have it when the database has answered. */
function giveBackWhenQuiet({ client }: Knex, commits: Commits): void {
  const giveBack = client.releaseConnection.bind(client)
  client.releaseConnection = async (connection: pg.Client) => void commits.quiet(connection).then(() => giveBack(connection))
}

/** Says in one sentence which database does not answer and why. The password in the address is not repeated. */
export function unreachable(connection: string, error: Error & { code?: string }): Error {
  const { host, port, database, user } = new pg.Client({ connectionString: connection })
  const at = host.startsWith('/') ? `the socket in ${host}` : `${host}:${port}`
  const said = error.message || error.code || error.name
  const setting = 'Check that it runs and that DATABASE_URL names it rightly.'
  return new Error(`The database ${database} cannot be reached at ${at} as ${user}: ${said}. ${setting}`, { cause: error })
}

/**
 * Opens the pools on `connection`, a PostgreSQL URL. Nothing is asked of the database before the first query or `check()`.
 * `synchronous_commit` is on for verbs: what somebody was told is done is on the disk (performance.md), and in a pair on that of the standby.
 */
export function openStorage(connection: string, options: StorageOptions = {}): Storage {
  const name = options.name ?? 'quartermaster'
  const commits = watchCommits(options.commitPatience ?? 10_000)
  const verbs = { synchronous_commit: 'on', idle_in_transaction_session_timeout: 60_000 }
  const db = openPool(connection, name, options.connections ?? 10, verbs, commits)
  const pages = openPool(connection, `${name} pages`, options.pageConnections ?? 4, {
    max_parallel_workers_per_gather: 0,
    statement_timeout: options.pageTimeout ?? 10_000,
    default_transaction_read_only: 'on',
  })
  return {
    connection,
    db,
    pages,
    transaction: work => db.transaction(work),
    commitsWait: commits.oldest,
    async check() {
      await db.raw('select 1').catch((error: Error) => Promise.reject(unreachable(connection, error)))
    },
    async close() {
      commits.abandon()
      await Promise.all([db.destroy(), pages.destroy()])
    },
  }
}
