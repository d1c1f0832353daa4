import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { openStorage } from '../../src/storage/db.ts'
import { migrate, newestKnown, openMigrated, schemaNumber } from '../../src/storage/migrate.ts'
import { createEmptyDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const migrations = globSync('sql/0*.sql').length

const migratingServer = (connection: string) => `
  import { openMigrated } from ${JSON.stringify(import.meta.resolve('../../src/storage/migrate.ts'))}
  await openMigrated(${JSON.stringify(connection)})`

describe('migrating the database', () => {
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>
  beforeEach(async () => {
    empty = await createEmptyDatabase()
  })
  afterEach(() => empty.drop())

  it('brings an empty database to the newest schema, and leaves it there the second time', async () => {
    const storage = openStorage(empty.connection)
    assert.equal(await schemaNumber(storage.db), 0)
    assert.equal((await migrate(storage.db)).length, migrations)
    assert.deepEqual(await migrate(storage.db), [])
    assert.equal(await schemaNumber(storage.db), newestKnown())
    await storage.close()
  })

  it('lets the second of two servers that start at once wait for the first', async () => {
    const [one, other] = [openStorage(empty.connection), openStorage(empty.connection)]
    const run = await Promise.all([migrate(one.db), migrate(other.db)])
    assert.deepEqual(run.map(names => names.length).sort(), [0, migrations])
    await Promise.all([one.close(), other.close()])
  })

  it('refuses a schema that a newer release has made, with both numbers', async () => {
    const storage = await openMigrated(empty.connection)
    await storage.db('migrations').insert({ name: '9000_from_the_future.sql', batch: 2, migration_time: new Date() })
    await storage.close()
    await assert.rejects(openMigrated(empty.connection), new RegExp(`schema 9000.*up to ${newestKnown()}\\.`))
  })

  it('goes on after a server that was killed in the middle of it', async () => {
    // Somebody is making the first table, so the server that migrates waits inside its first migration.
    const storage = openStorage(empty.connection)
    const obstacle = await storage.db.transaction()
    await obstacle.raw('create table local_accounts (id integer)')
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', migratingServer(empty.connection)], { stdio: 'ignore' })
    await until(
      async () =>
        (await storage.db('pg_stat_activity').where({ wait_event_type: 'Lock' }).whereRaw('datname = current_database()')).length > 0,
    )
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await obstacle.rollback()
    // As a power cut between two steps of knex leaves it.
    await storage.db('migrations_lock').update({ is_locked: 1 })

    assert.equal((await migrate(storage.db)).length, migrations)
    await storage.close()
  })
})
