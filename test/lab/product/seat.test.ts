import assert from 'node:assert/strict'
import { makeKeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import { type Seat, sharedTable, storeInSeat } from '../../../src/lab/product/fleet/seat.ts'

describe("a product's seat in a fleet", () => {
  // A report signed before a renewal and sent after it would be refused, and rightly: no product does both at once.
  it('lets one job at a time at the product, though each job opens a store of its own', async () => {
    const pool = await makeKeyPool(0)
    const seat: Seat = { number: 0, kept: null, open: null }
    const other: Seat = { number: 1, kept: null, open: null }
    const done: string[] = []
    const renewal = Promise.withResolvers<void>()
    const storeOf = (one: Seat) => storeInSeat(one, pool, sharedTable(), [])
    const first = storeOf(seat).exclusively(() => renewal.promise.then(() => done.push('renewal')))
    const second = storeOf(seat).exclusively(async () => done.push('report'))
    await storeOf(other).exclusively(async () => done.push('report of another'))
    renewal.reject(new Error('the renewal fails'))
    await assert.rejects(first, /the renewal fails/)
    await second
    assert.deepEqual(done, ['report of another', 'report'])
  })
})
