import assert from 'node:assert/strict'
import fc from 'fast-check'
import { day, hour, minute } from '../../src/rules/clock.ts'
import { checkSchedule, type frequencies, nextRun, retryAt } from '../../src/rules/schedules.ts'

const anyUuid = fc.uuid({ version: 4 })
const anyHour = fc.integer({ min: 0, max: 23 })
const anyDate = fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true })
const longest = { daily: day, weekly: 7 * day, monthly: 31 * day }

describe('when an account synchronizes by itself', () => {
  it('is never where the schedule is off', () => {
    assert.equal(nextRun({ frequency: 'off', hour: 3 }, '0b1d5f5e-1111-4222-8333-444455556666', new Date()), null)
  })

  it('is within the hour that was asked for, after the last time and no later than its frequency allows', () => {
    fc.assert(
      fc.property(anyUuid, anyHour, anyDate, fc.constantFrom('daily', 'weekly', 'monthly'), (uuid, at, after, frequency) => {
        const run = nextRun({ frequency, hour: at }, uuid, after)!
        assert.ok(run > after)
        assert.equal(run.getUTCHours(), at)
        assert.ok(run.getTime() - after.getTime() <= longest[frequency])
        const [again] = [nextRun({ frequency, hour: at }, uuid, new Date(run.getTime() - 1))!]
        assert.deepEqual(again, run, 'the same account, the same time')
      }),
    )
  })

  it('is spread over the hour, the week and the month', () => {
    const uuids = fc.sample(anyUuid, { numRuns: 500, seed: 7 })
    const spread = (frequency: (typeof frequencies)[number], part: (date: Date) => number) =>
      new Set(uuids.map(uuid => part(nextRun({ frequency, hour: 2 }, uuid, new Date('2026-03-01T00:00:00Z'))!))).size
    assert.ok(spread('daily', date => date.getUTCMinutes()) >= 50)
    assert.equal(
      spread('weekly', date => date.getUTCDay()),
      7,
    )
    assert.ok(spread('monthly', date => date.getUTCDate()) >= 25)
  })

  it('is sooner after a failure, later after each, within six hours', () => {
    fc.assert(
      fc.property(anyUuid, fc.integer({ min: 1, max: 1000 }), anyDate, (uuid, failures, now) => {
        const pause = retryAt(failures, uuid, now).getTime() - now.getTime()
        const whole = Math.min(10 * minute * 2 ** Math.min(failures - 1, 20), 6 * hour)
        assert.ok(pause >= whole / 2 && pause <= whole)
      }),
    )
  })

  it('is refused at an hour that no day has', () => {
    for (const at of [-1, 24, 2.5, Number.NaN]) assert.throws(() => checkSchedule({ frequency: 'daily', hour: at }), { code: 'INVALID' })
  })
})
