import pg from 'pg'
import { type Ask, type Counts, countRows } from './counts.ts'
import { findProgram, type Running, startProgram } from './programs.ts'

/** A database as it is at one moment, while others go on writing. */
export type Dump = {
  /** The database's major version. */
  postgres: number
  schema: number
  /** The rows of that moment. */
  counts(): Promise<Counts>
  /** What pg_dump writes; breaks off with its last words when it fails. */
  content(): AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Little compression: the file is encrypted for keeps, and the two cores are the products'. Names of owners belong to the machine. */
const args = ['--format=custom', '--compress=1', '--no-owner', '--no-privileges', '--no-comments']

async function* outputOf({ child, ended }: Running): AsyncGenerator<Buffer> {
  try {
    yield* child.stdout!
    await ended
  } finally {
    child.kill()
  }
}

/**
 * Opens a snapshot: what pg_dump writes and what is counted are of the same moment. Refuses, before anything is written, where there is no
 * pg_dump that can read the database.
 */
export async function openDump(connection: string): Promise<Dump> {
  const client = new pg.Client({ connectionString: connection, application_name: 'quartermaster backup' })
  // A broken connection is told by the next question.
  client.on('error', () => {})
  await client.connect()
  const ask: Ask = async sql => (await client.query(sql)).rows
  try {
    await ask('begin isolation level repeatable read read only')
    const [facts] = await ask(
      `select pg_export_snapshot() as snapshot, current_setting('server_version_num')::int / 10000 as postgres,
       (select coalesce(max(left(name, 4)::int), 0) from migrations) as schema`,
    )
    const { snapshot, postgres, schema } = facts as { snapshot: string; postgres: number; schema: number }
    const program = findProgram('pg_dump', postgres)
    return {
      postgres,
      schema,
      counts: () => countRows(ask),
      content: () => outputOf(startProgram(program, [...args, `--snapshot=${snapshot}`], connection)),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}
