import assert from 'node:assert/strict'
import { openStorage } from '../../src/storage/db.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('the database', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())
  const one = async (expression: string) => (await database.storage.db.raw(`select ${expression} as value`)).rows[0].value

  it('gives numbers, moments and days as what they are', async () => {
    assert.equal(await one('9007199254740991::int8'), 9007199254740991)
    assert.equal(await one('12345678901234567890123::numeric'), '12345678901234567890123')
    assert.deepEqual(await one(`'2026-01-02T03:04:05Z'::timestamptz`), new Date('2026-01-02T03:04:05Z'))
    assert.equal(await one(`'2026-01-02'::date`), '2026-01-02')
    assert.deepEqual(await one('array[1, null, 3]::int8[]'), [1, null, 3])
  })

  it('gives no number that it would have to round', async () => {
    await assert.rejects(one('9007199254740993::int8'), /9007199254740993, which a number cannot hold exactly/)
    assert.equal(await one('1'), 1)
  })

  it('acknowledges what is on the disk', async () => {
    assert.equal(await one(`current_setting('synchronous_commit')`), 'on')
  })

  it('keeps all of a transaction or nothing', async () => {
    const { storage } = database
    await storage.db.schema.createTable('ledger', table => table.integer('entry'))
    await storage.transaction(tx => tx('ledger').insert({ entry: 1 }))
    const broken = storage.transaction(async tx => {
      await tx('ledger').insert({ entry: 2 })
      throw new Error('no')
    })
    await assert.rejects(broken, /^Error: no$/)
    assert.deepEqual(await storage.db('ledger').pluck('entry'), [1])
  })

  it('lets pages look, on one core, and not change', async () => {
    const { pages } = database.storage
    assert.equal((await pages.raw('show max_parallel_workers_per_gather')).rows[0].max_parallel_workers_per_gather, '0')
    await assert.rejects(Promise.resolve(pages.raw('create table notes (id integer)')), /read-only transaction/)
  })

  it('gives up on a page that takes too long', async () => {
    const storage = openStorage(database.connection, { pageTimeout: 50 })
    await assert.rejects(Promise.resolve(storage.pages.raw('select pg_sleep(60)')), /statement timeout/)
    await storage.close()
  })

  it('says in one sentence which database does not answer and why, and keeps the password to itself', async () => {
    const storage = openStorage('postgresql://me:secret@127.0.0.1:1/ledger')
    await assert.rejects(storage.check(), (error: Error) => {
      assert.match(error.message, /^The database ledger cannot be reached at 127\.0\.0\.1:1 as me: .*ECONNREFUSED.*DATABASE_URL/)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
    await storage.close()
  })
})
