import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findCompatibility, raiseLeastKnown } from '../../src/storage/compatibility.ts'
import { openStorage } from '../../src/storage/db.ts'
import { migrate, newestKnown, openMigrated, pendingMigrations, schemaNumber } from '../../src/storage/migrate.ts'
import { createEmptyDatabase } from '../support/database.ts'
import { newFolder } from '../support/folders.ts'
import { writeFiles } from '../support/releases.ts'
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

  it('works on what a newer release has only added to', async () => {
    const storage = await openMigrated(empty.connection)
    await storage.db('migrations').insert({ name: '9000_from_the_future.sql', batch: 2, migration_time: new Date() })
    await storage.close()
    const again = await openMigrated(empty.connection)
    assert.deepEqual([await schemaNumber(again.db), await pendingMigrations(again.db)], [9000, []])
    await again.close()
  })

  it('refuses what a newer release has taken something from, with the numbers', async () => {
    const storage = await openMigrated(empty.connection)
    await storage.db('migrations').insert({ name: '9000_from_the_future.sql', batch: 2, migration_time: new Date() })
    await raiseLeastKnown(storage.db, 8999)
    await storage.close()
    await assert.rejects(openMigrated(empty.connection), new RegExp(`schema 9000.*knows schema 8999.*up to ${newestKnown()}\\.`))
  })

  it('lets what takes something away wait for as long as a release is kept that needs it', async () => {
    const folder = newFolder('migrations')
    cpSync('sql', folder, { recursive: true })
    const sql = pathToFileURL(`${folder}/`)
    writeFiles(folder, {
      '8001_widen.sql': 'create table wide (id int primary key, old text, new text);',
      '8002_narrow.sql': '-- contract: needs schema 8001\nalter table wide drop column old;',
      '8003_more.sql': 'create table more (id int primary key);',
    })
    const { db, close } = openStorage(empty.connection)
    const columns = async () =>
      (await db.raw(`select attname from pg_attribute where attrelid = 'wide'::regclass and attnum > 0 and not attisdropped`)).rows.length
    assert.deepEqual((await migrate(db, { keep: 31, folder: sql })).slice(-2), ['8001_widen.sql', '8003_more.sql'])
    assert.deepEqual([await columns(), await findCompatibility(db)], [3, { leastKnown: 31, kept: 31 }])
    // A server that starts meanwhile lets it wait, too.
    assert.deepEqual(await migrate(db, { folder: sql }), [])
    assert.deepEqual(await migrate(db, { keep: 8003, folder: sql }), ['8002_narrow.sql'])
    assert.deepEqual([await columns(), await findCompatibility(db)], [2, { leastKnown: 8001, kept: 8003 }])
    await assert.rejects(migrate(db), /schema 8003, which takes a release that knows schema 8001/)
    await close()
    rmSync(folder, { recursive: true })
  })

  it('is told by each file that takes something away which schema it needs', () => {
    const taking =
      /\b(drop (table|column|view|type|function)|rename (to|column|constraint)|alter column \w+ (set data )?type|set not null)\b/i
    const silent = globSync('sql/0*.sql')
      .filter(file => Number(basename(file).slice(0, 4)) > 31)
      .filter(file => taking.test(readFileSync(file, 'utf8')) && !/^-- contract: needs schema \d{4}\n/.test(readFileSync(file, 'utf8')))
    assert.deepEqual(silent, [])
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
