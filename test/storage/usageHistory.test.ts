import assert from 'node:assert/strict'
import { day, isoDay, later } from '../../src/rules/clock.ts'
import { type Scope, scopeBindings } from '../../src/storage/pages/scope.ts'
import { allTags, forgetUsage, recordUsage, type UsageDay, usageDays } from '../../src/storage/usageHistory.ts'
import { registeredAccount } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { insertLots } from '../support/lots.ts'

describe('the history of use', () => {
  let database: TestDatabase
  let scope: { localAccountId: number; reach: 'all' }
  let routing: number
  const start = new Date('2026-03-01T10:00:00Z')
  const dayAt = (index: number) => isoDay(later(start, index * day))

  before(async () => {
    database = await createTestDatabase()
    const context = testContext(database.storage, testClock(start))
    const home = await registeredAccount(context)
    scope = { localAccountId: home.account.id, reach: 'all' }
    routing = (await insertLots(context, home, { routing: 10, switching: 5 })).ids.routing
  })
  after(() => database.drop())

  const db = () => database.storage.db
  const use = (inUse: number) => db()('authorizations').where({ tag_id: routing }).update({ in_use: inUse })
  const record = (index: number) => database.storage.transaction(tx => recordUsage(tx, dayAt(index)))
  const rowsOf = async (tagId: number) => Number((await db()('usage_history').where({ tag_id: tagId }).count({ count: '*' }))[0]!.count)
  const listed = async (of: Scope, tagId: number, from: number, to: number): Promise<UsageDay[]> => {
    const { rows } = await db().raw(`select ${usageDays(of, tagId)} as days`, { ...scopeBindings(of), from: dayAt(from), to: dayAt(to) })
    return rows[0].days
  }
  const days = async (from: number, to: number, tagId = routing) =>
    (await listed(scope, tagId, from, to)).map(({ day: on, purchased, inUse, short }) => [on, purchased, inUse, short])

  it('keeps the most of each day, and no row for a day like the one before', async () => {
    for (const inUse of [3, 7, 4]) {
      await use(inUse)
      await record(0)
    }
    for (const index of [1, 2, 3]) await record(index)
    await use(12)
    await record(4)
    assert.equal(await rowsOf(routing), 3)
    assert.deepEqual(await days(0, 5), [
      [dayAt(0), 10, 7, 0],
      [dayAt(1), 10, 4, 0],
      [dayAt(2), 10, 4, 0],
      [dayAt(3), 10, 4, 0],
      [dayAt(4), 10, 12, 2],
      [dayAt(5), 10, 12, 2],
    ])
  })

  it('sums all tags, and says nothing of days before anything was known', async () => {
    assert.deepEqual(await days(-2, 0, allTags), [[dayAt(0), 15, 7, 0]])
    assert.deepEqual((await days(4, 4, allTags))[0], [dayAt(4), 15, 12, 2])
  })

  it('keeps to the Local Virtual Accounts of a scope', async () => {
    assert.deepEqual(await listed({ ...scope, reach: [] }, routing, 0, 4), [])
  })

  it('forgets what is old, but not how things stood then', async () => {
    const before = await days(3, 5)
    await database.storage.transaction(tx => forgetUsage(tx, dayAt(3)))
    assert.deepEqual(await days(3, 5), before)
    assert.equal(await rowsOf(routing), 2)
  })
})
