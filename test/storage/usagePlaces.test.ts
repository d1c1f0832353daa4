import assert from 'node:assert/strict'
import { upsertUsage } from '../../src/storage/usage.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Fleet, fleetRows } from '../support/fleetRows.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('the place of what is used', () => {
  let database: TestDatabase
  let fleet: Fleet
  before(async () => {
    database = await createTestDatabase()
    fleet = await fleetRows(database.storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000001', products: 60, now })
  })
  after(() => database.drop())

  const ask = async (sql: string, bindings: (string | number)[] = []) => (await database.storage.db.raw(sql, bindings)).rows
  const misplaced = () =>
    ask(
      `select u.* from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id
       where u.local_virtual_account_id is distinct from i.local_virtual_account_id`,
    )
  const one = async () => {
    const [row] = await ask(
      `select id, local_virtual_account_id as place from product_instances where local_account_id = ? and state = 'REGISTERED'
       and local_virtual_account_id <> ? order by id limit 1`,
      [fleet.localAccountId, fleet.places.Laboratory!],
    )
    return row as { id: string; place: number }
  }

  it('is that of its product instance, and goes where that goes', async () => {
    const { id, place } = await one()
    const [tagId = 0] = Object.values(fleet.tags)
    const row = {
      localAccountId: fleet.localAccountId,
      localVirtualAccountId: place,
      productInstanceId: id,
      tagId,
      quantity: 3,
      version: '1.0',
    }
    await upsertUsage(database.storage.db, [row], now)
    assert.deepEqual(await misplaced(), [])
    await ask('update product_instances set local_virtual_account_id = ? where id = ?', [fleet.places.Laboratory!, id])
    const there = await ask('select distinct local_virtual_account_id as place from usage where product_instance_id = ?', [id])
    assert.deepEqual(there, [{ place: fleet.places.Laboratory }])
    assert.deepEqual(await misplaced(), [])
  })

  it('is filled in for the release before, which does not know it', async () => {
    const { id } = await one()
    await ask('delete from usage where product_instance_id = ?', [id])
    const [tagId = 0] = Object.values(fleet.tags)
    await ask(
      `insert into usage (local_account_id, product_instance_id, tag_id, version, quantity, since) values (?, ?, ?, '1.0', 2, now())`,
      [fleet.localAccountId, id, tagId],
    )
    assert.deepEqual(await misplaced(), [])
  })
})
