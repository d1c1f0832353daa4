import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkBackupSchedule, isBackupLate, keptBackups } from '../../src/rules/backups.ts'
import { day, hour, later } from '../../src/rules/clock.ts'

const start = new Date('2026-01-01T02:10:00Z')
const daily = (days: number) => Array.from({ length: days }, (_, index) => ({ createdAt: later(start, index * day) }))
const backups = fc.array(
  fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map(createdAt => ({ createdAt })),
  { maxLength: 60 },
)
const keep = fc.record({ daily: fc.nat(10), weekly: fc.nat(6), monthly: fc.nat(14) })

describe('backups that stay', () => {
  it('are the newest of so many days, weeks and months', () => {
    const kept = keptBackups(daily(120), { daily: 3, weekly: 2, monthly: 3 }).map(({ createdAt }) => createdAt.toISOString().slice(0, 10))
    // The last day is Thursday, 30 April 2026.
    assert.deepEqual(kept, ['2026-04-30', '2026-04-29', '2026-04-28', '2026-04-26', '2026-03-31', '2026-02-28'])
  })

  it('are one at least, with no more than the numbers say, and the same when asked again', () =>
    fc.assert(
      fc.property(backups, keep, (all, numbers) => {
        const kept = keptBackups(all, numbers)
        assert.ok(kept.length >= Math.min(1, all.length))
        assert.ok(kept.length <= Math.max(1, numbers.daily + numbers.weekly + numbers.monthly))
        assert.deepEqual(keptBackups(kept, numbers), kept)
        const newest = Math.max(...all.map(({ createdAt }) => createdAt.getTime()))
        assert.ok(all.length === 0 || kept[0]!.createdAt.getTime() === newest)
      }),
    ))

  it('are the same whether they were thinned out every day or at the end', () => {
    const numbers = { daily: 7, weekly: 4, monthly: 12 }
    let stock: { createdAt: Date }[] = []
    for (const backup of daily(400)) stock = keptBackups([...stock, backup], numbers)
    assert.deepEqual(stock, keptBackups(daily(400), numbers))
  })
})

describe('the schedule of backups', () => {
  it('is late when the newest is older than it and the time to try again', () => {
    const weekly = { frequency: 'weekly', hour: 2 } as const
    assert.equal(isBackupLate(weekly, start, later(start, 7 * day + 6 * hour)), false)
    assert.equal(isBackupLate(weekly, start, later(start, 7 * day + 7 * hour)), true)
    assert.equal(isBackupLate({ frequency: 'off', hour: 2 }, start, later(start, 900 * day)), false)
  })

  it('keeps one at least', () =>
    assert.throws(() => checkBackupSchedule({ frequency: 'daily', hour: 2, keep: { daily: 0, weekly: 0, monthly: 0 } }), { field: 'keep' }))
})
