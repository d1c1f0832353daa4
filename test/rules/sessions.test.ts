import assert from 'node:assert/strict'
import { hour, later, minute } from '../../src/rules/clock.ts'
import { sessionEnded } from '../../src/rules/sessions.ts'

const start = new Date('2026-03-01T12:00:00Z')
const session = { createdAt: start, seenAt: start }

describe('a session', () => {
  it('ends after ten minutes without a sign of life', () => {
    assert.ok(!sessionEnded(session, [], later(start, 10 * minute - 1)))
    assert.ok(sessionEnded(session, [], later(start, 10 * minute)))
  })

  it('lasts fifteen minutes for a System Operator, unless they administer as well', () => {
    const operator = [{ role: 'system-operator' as const }]
    assert.ok(!sessionEnded(session, operator, later(start, 15 * minute - 1)))
    assert.ok(sessionEnded(session, operator, later(start, 15 * minute)))
    assert.ok(sessionEnded(session, [...operator, { role: 'system-administrator' }], later(start, 10 * minute)))
  })

  it('ends after eight hours, however busy it is', () => {
    const busy = { createdAt: start, seenAt: later(start, 8 * hour - minute) }
    assert.ok(!sessionEnded(busy, [], later(start, 8 * hour - 1)))
    assert.ok(sessionEnded(busy, [], later(start, 8 * hour)))
  })
})
