import pg from 'pg'

const copy = 'bench_copy'

/** A copy of the whole database; nobody may be in the one that is copied for so long. */
export async function copyDatabase(connection: string): Promise<string> {
  const name = new pg.Client({ connectionString: connection }).database!
  await administer(
    connection,
    `drop database if exists ${copy} with (force)`,
    `alter database ${name} with allow_connections false`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  )
  try {
    await administer(connection, `create database ${copy} template ${name}`)
  } finally {
    await administer(connection, `alter database ${name} with allow_connections true`)
  }
  return connection.replace(/\/[^/?]+(?=\?|$)/, `/${copy}`)
}

/** Throws the copy away. */
export const dropCopy = (connection: string): Promise<void> => administer(connection, `drop database ${copy} with (force)`)

/** Runs statements beside the database that they are about. */
async function administer(connection: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: connection.replace(/\/[^/?]+(?=\?|$)/, '/template1') })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
