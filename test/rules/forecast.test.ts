import assert from 'node:assert/strict'
import fc from 'fast-check'
import { day, later } from '../../src/rules/clock.ts'
import { forecastShortage, growthPerDay, leastDays, type Supply } from '../../src/rules/forecast.ts'

const now = new Date('2026-03-01T12:00:00Z')
const days = (count: number, inUse: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({
    day: later(now, (index - count + 1) * day)
      .toISOString()
      .slice(0, 10),
    inUse: inUse(index),
  }))
const supply = (quantity: number, endsIn: number | null = null, startsIn = -100): Supply => ({
  quantity,
  startsAt: later(now, startsIn * day),
  endsAt: endsIn === null ? null : later(now, endsIn * day),
})

describe('a forecast of a shortage', () => {
  it('finds the growth of a straight line, whatever else wobbles', () => {
    assert.ok(Math.abs(growthPerDay(days(90, index => 10 + 2 * index)) - 2) < 1e-9)
    assert.ok(Math.abs(growthPerDay(days(90, index => 10 + 2 * index + (index % 2))) - 2) < 0.01)
    assert.equal(growthPerDay(days(leastDays - 1, index => index)), 0, 'too few days say nothing')
    assert.equal(growthPerDay([]), 0)
  })

  it('says when growth meets what is held', () => {
    const forecast = forecastShortage(
      days(30, index => 60 + index),
      [supply(100)],
      89,
      now,
    )!
    assert.equal(forecast.because, 'growth')
    assert.equal(forecast.on.toISOString(), later(now, 12 * day).toISOString())
    assert.deepEqual([forecast.missing, forecast.perMonth], [1, 30])
  })

  it('says when an end leaves too little, unless something begins in time', () => {
    const flat = days(30, () => 80)
    const forecast = forecastShortage(flat, [supply(50), supply(50, 20)], 80, now)!
    assert.deepEqual([forecast.because, forecast.missing, forecast.on.toISOString()], ['end', 30, later(now, 20 * day).toISOString()])
    assert.equal(forecastShortage(flat, [supply(50), supply(50, 20), supply(50, null, 19)], 80, now), undefined)
  })

  it('says nothing of what is short already, is not used, or lasts for a year', () => {
    assert.equal(
      forecastShortage(
        days(30, () => 80),
        [supply(50)],
        80,
        now,
      ),
      undefined,
    )
    assert.equal(
      forecastShortage(
        days(30, () => 0),
        [supply(50, 3)],
        0,
        now,
      ),
      undefined,
    )
    assert.equal(
      forecastShortage(
        days(30, () => 80),
        [supply(100)],
        80,
        now,
      ),
      undefined,
    )
  })

  it('never comes before it is true, and nothing held more makes it earlier', () => {
    const any = fc.record({
      slope: fc.integer({ min: -3, max: 5 }),
      held: fc.integer({ min: 1, max: 500 }),
      inUse: fc.integer({ min: 1, max: 400 }),
      ends: fc.integer({ min: 1, max: 400 }),
    })
    fc.assert(
      fc.property(any, fc.nat(100), ({ slope, held, inUse, ends }, more) => {
        const history = days(60, index => Math.max(0, inUse - slope * (59 - index)))
        const forecast = forecastShortage(history, [supply(held), supply(held, ends)], inUse, now)
        const laterOne = forecastShortage(history, [supply(held + more), supply(held, ends)], inUse, now)
        if (forecast) assert.ok(forecast.missing > 0 && forecast.on > now)
        if (laterOne && inUse <= 2 * held) assert.ok(!forecast || forecast.on <= laterOne.on)
      }),
    )
  })
})
