import assert from 'node:assert/strict'
import fc from 'fast-check'
import { later, minute, second } from '../../src/rules/clock.ts'
import { afterFailedSignIn, isLockedOut, noFailedSignIns, standardLockout } from '../../src/rules/lockout.ts'

const start = new Date('2026-03-01T12:00:00Z')
const failAt = (...minutes: number[]) => minutes.reduce((state, at) => afterFailedSignIn(state, later(start, at * minute)), noFailedSignIns)

describe('the lockout', () => {
  it('comes with the third failure within 15 minutes, and lasts 15 minutes', () => {
    assert.equal(failAt(0, 1).lockedUntil, null)
    const locked = failAt(0, 1, 2)
    assert.deepEqual(locked.lockedUntil, later(start, 17 * minute))
    assert.ok(isLockedOut(locked, later(start, 17 * minute - 1)))
    assert.ok(!isLockedOut(locked, later(start, 17 * minute)))
  })

  it('forgets failures that are older than 15 minutes', () => {
    assert.equal(failAt(0, 1, 15).lockedUntil, null)
    assert.ok(failAt(0, 1, 14.9).lockedUntil)
  })

  it('begins to count anew when it is over', () => {
    assert.equal(failAt(0, 1, 2, 18, 19).lockedUntil, null)
    assert.ok(failAt(0, 1, 2, 18, 19, 20).lockedUntil)
  })

  it('answers no more than three guesses in any quarter of an hour, however they are spaced', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 60 }), gaps => {
        let state = noFailedSignIns
        let now = start
        const answered: Date[] = []
        for (const gap of gaps) {
          now = later(now, gap * second)
          if (isLockedOut(state, now)) continue
          answered.push(now)
          state = afterFailedSignIn(state, now)
        }
        for (const [index, first] of answered.entries()) {
          const fourth = answered[index + 3]
          assert.ok(!fourth || fourth.getTime() - first.getTime() >= standardLockout.window)
        }
      }),
    )
  })
})
