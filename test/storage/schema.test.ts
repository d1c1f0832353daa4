import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { dumpSchema, pgDump, schemaFile } from '../support/dumpSchema.ts'

/** The statements of `schema` that `other` does not have. */
function without(schema: string, other: string): string[] {
  const known = new Set(other.split('\n\n'))
  return schema.split('\n\n').filter(statement => !known.has(statement))
}

describe('the schema', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  const skipReason = pgDump ? '' : ' (skipped: there is no pg_dump here)'

  it(`is what sql/schema.sql shows, or "npm run db:dump" was forgotten${skipReason}`, function () {
    if (!pgDump) return this.skip()
    const reviewed = readFileSync(schemaFile, 'utf8').replace(/^--.*\n\n/, '')
    const made = dumpSchema(database.connection)
    // First the statements of which one side knows nothing, because two whole schemas are hard to compare by eye.
    assert.deepEqual(without(made, reviewed), [])
    assert.deepEqual(without(reviewed, made), [])
    assert.equal(made, reviewed)
  })

  it('has a primary key on each table', async () => {
    const { rows } = await database.storage.db.raw(`
      select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p')
        and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`)
    assert.deepEqual(rows, [])
  })
})
