import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Fleet, fleetRows } from '../support/fleetRows.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('the counts of product instances', () => {
  let database: TestDatabase
  let fleet: Fleet
  before(async () => {
    database = await createTestDatabase()
    fleet = await fleetRows(database.storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000001', products: 120, now })
  })
  after(() => database.drop())

  const counted = async () => {
    const { rows } = await database.storage.db.raw(
      `select local_virtual_account_id as place, state, sum(instances)::bigint as instances from product_instance_counts
       where local_account_id = ? group by 1, 2 having sum(instances) <> 0 order by 1, 2`,
      [fleet.localAccountId],
    )
    return rows
  }
  const real = async () => {
    const { rows } = await database.storage.db.raw(
      `select local_virtual_account_id as place, state, count(*) as instances from product_instances
       where local_account_id = ? group by 1, 2 order by 1, 2`,
      [fleet.localAccountId],
    )
    return rows
  }

  /** Every change that a product instance can go through, to some of them at once. */
  const changes = {
    expire: `update product_instances set state = 'EXPIRED' where local_account_id = ? and ('x' || right(udi_serial_number, 2))::bit(8)::int % 7 = ?`,
    acknowledge: `update product_instances set state = 'REGISTERED' where local_account_id = ? and ('x' || right(udi_serial_number, 2))::bit(8)::int % 7 = ?`,
    transfer: `update product_instances i set local_virtual_account_id = (select min(v.id) from local_virtual_accounts v where v.local_account_id = i.local_account_id)
      where local_account_id = ? and ('x' || right(udi_serial_number, 2))::bit(8)::int % 7 = ?`,
    rename: `update product_instances set name = name || '-x' where local_account_id = ? and ('x' || right(udi_serial_number, 2))::bit(8)::int % 7 = ?`,
    remove: `delete from product_instances where local_account_id = ? and ('x' || right(udi_serial_number, 2))::bit(8)::int % 31 = ?`,
  }
  type Change = keyof typeof changes

  it('stay right through every change, folded or not', async () => {
    const step = fc.record({
      change: fc.constantFrom(...(Object.keys(changes) as Change[])),
      which: fc.integer({ min: 0, max: 6 }),
      fold: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
        for (const { change, which, fold } of steps) {
          await database.storage.db.raw(changes[change], [fleet.localAccountId, which])
          if (fold) await database.storage.db.raw('select fold_product_instance_counts(?)', [fleet.localAccountId])
        }
        assert.deepEqual(await counted(), await real())
      }),
      { numRuns: 25 },
    )
  })

  it('keep one row for each place and state once they are folded, and nobody waits for whoever folds', async () => {
    const { db } = database.storage
    await db.transaction(async folding => {
      await folding.raw('select fold_product_instance_counts(?)', [fleet.localAccountId])
      await db.raw(changes.acknowledge, [fleet.localAccountId, 1])
      await db.raw('select fold_product_instance_counts(?)', [fleet.localAccountId])
    })
    assert.deepEqual(await counted(), await real())
    await db.raw('select fold_product_instance_counts(?)', [fleet.localAccountId])
    const { rows } = await db.raw('select count(*) as rows from product_instance_counts where local_account_id = ?', [fleet.localAccountId])
    assert.equal(rows[0].rows, (await real()).length)
  })
})
