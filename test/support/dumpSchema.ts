import { execFileSync } from 'node:child_process'
import { globSync, writeFileSync } from 'node:fs'
import { createTestDatabase, mochaGlobalSetup, mochaGlobalTeardown } from './database.ts'

/** What is said about the run or the version of pg_dump, and not about the schema. */
const noise = [/^--/, /^SET /, /^SELECT pg_catalog\.set_config/, /^\\(un)?restrict /, /^$/]

/** Debian's newest pg_dump, if there is one; the npm package with the embedded database has none. */
export const pgDump = globSync('/usr/lib/postgresql/*/bin/pg_dump').sort().at(-1)

/** The reviewed file. */
export const schemaFile = new URL('../../sql/schema.sql', import.meta.url)

/**
 * The schema of the database at `connection` as SQL, the same from PostgreSQL 15 to 18: without comments, settings and owners, and with an
 * empty line before each statement. Refuses where there is no pg_dump.
 */
export function dumpSchema(connection: string): string {
  if (!pgDump) throw new Error('There is no pg_dump here: install the package postgresql-client.')
  const text = execFileSync(pgDump, ['--schema-only', '--no-owner', '--no-privileges', '--no-comments', connection], { encoding: 'utf8' })
  const lines = text.split('\n').filter(line => !noise.some(pattern => pattern.test(line)))
  return `${lines
    .join('\n')
    .replace(/^(?=CREATE |ALTER )/gm, '\n')
    .trim()}\n`
}

/** `npm run db:dump`: writes the schema that the migrations make into sql/schema.sql, to be read over with the migration that changed it. */
async function writeSchema(): Promise<void> {
  await mochaGlobalSetup()
  try {
    const database = await createTestDatabase()
    writeFileSync(
      schemaFile,
      `-- What the migrations make: written by "npm run db:dump", compared by the tests.\n\n${dumpSchema(database.connection)}`,
    )
    await database.drop()
  } finally {
    await mochaGlobalTeardown()
  }
}

if (import.meta.main) await writeSchema()
