import assert from 'node:assert/strict'
import { day, later } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { checkMaximumUses, tokenExpiry, tokenStanding } from '../../src/rules/tokens.ts'

const now = new Date('2026-03-01T12:00:00Z')
const token = { revokedAt: null, expiresAt: later(now, day), maximumUses: null, uses: 0 }

describe('a registration token', () => {
  it('can be used any number of times unless a maximum is set', () => {
    assert.equal(tokenStanding({ ...token, uses: 1_000_000 }, now), 'usable')
    assert.equal(tokenStanding({ ...token, maximumUses: 3, uses: 2 }, now), 'usable')
    assert.equal(tokenStanding({ ...token, maximumUses: 3, uses: 3 }, now), 'used up')
  })

  it('ends at its last moment, not after it', () => {
    assert.equal(tokenStanding({ ...token, expiresAt: later(now, 1) }, now), 'usable')
    assert.equal(tokenStanding({ ...token, expiresAt: now }, now), 'expired')
  })

  it('is revoked above all', () => {
    assert.equal(tokenStanding({ ...token, revokedAt: now, expiresAt: now }, now), 'revoked')
  })

  it('lives 1 to 9999 days; "never" is not offered', () => {
    assert.deepEqual(tokenExpiry(30, now), new Date('2026-03-31T12:00:00Z'))
    for (const days of [0, -1, 1.5, 10_000, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => tokenExpiry(days, now), Refusal)
  })

  it('takes a whole number of uses, or none', () => {
    assert.equal(checkMaximumUses(null), null)
    assert.equal(checkMaximumUses(1), 1)
    for (const uses of [0, -1, 2.5, Number.NaN]) assert.throws(() => checkMaximumUses(uses), Refusal)
  })
})
