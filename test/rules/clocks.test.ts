import assert from 'node:assert/strict'
import { accountInForce } from '../../src/rules/accounts.ts'
import { day, later } from '../../src/rules/clock.ts'
import { lotStanding } from '../../src/rules/entitlements.ts'
import { authorizationEndsAt, authorizationRenewsAt, contactStanding } from '../../src/rules/lifetimes.ts'
import { synchronizationStanding } from '../../src/rules/synchronization.ts'

const start = new Date('2026-01-01T00:00:00Z')
const onDay = (days: number) => later(start, days * day)

describe('the clocks', () => {
  it('takes an account from current to due, overdue and expired on the days of the contract', () => {
    const standings = [0, 29, 30, 31, 32, 364, 365, 1000].map(days => synchronizationStanding(start, onDay(days)))
    assert.deepEqual(standings, ['current', 'current', 'due', 'due', 'overdue', 'overdue', 'expired', 'expired'])
  })

  it('keeps an account in force until day 365, and only once it is registered', () => {
    assert.equal(accountInForce({ state: 'registered', lastSynchronizedAt: start }, onDay(364)), true)
    assert.equal(accountInForce({ state: 'registered', lastSynchronizedAt: start }, onDay(365)), false)
    assert.equal(accountInForce({ state: 'approved', lastSynchronizedAt: null }, start), false)
    assert.equal(accountInForce({ state: 'inactive', lastSynchronizedAt: start }, start), false)
  })

  it('asks a product back in 30 days, in 12 hours while out of compliance, and in 90 days at the last', () => {
    assert.deepEqual(authorizationRenewsAt(start, false), onDay(30))
    assert.deepEqual(authorizationRenewsAt(start, true), onDay(0.5))
    assert.deepEqual(authorizationEndsAt(start), onDay(90))
  })

  it('says that an instance failed to connect 30 days past its due renewal, and failed to renew at its deadline', () => {
    const standings = [59, 60, 89, 90].map(days => contactStanding(start, start, onDay(days)))
    assert.deepEqual(standings, ['in touch', 'failed to connect', 'failed to connect', 'failed to renew'])
  })

  it('counts a lot from its first moment until just before its last', () => {
    const lot = { startsAt: onDay(1), endsAt: onDay(2) }
    assert.deepEqual(
      [0, 1, 1.9, 2].map(days => lotStanding(lot, onDay(days))),
      ['pending', 'in force', 'in force', 'ended'],
    )
    assert.equal(lotStanding({ startsAt: start, endsAt: null }, onDay(9999)), 'in force')
  })
})
