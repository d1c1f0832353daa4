import assert from 'node:assert/strict'
import { day, later } from '../../src/rules/clock.ts'
import { endingAlert, silenceAlerts } from '../../src/rules/licensingAlerts.ts'

const now = new Date('2026-03-01T00:00:00Z')

describe('alerts about licenses and product instances', () => {
  const ending = (days: number) =>
    endingAlert({ tagId: 7, displayName: 'Network Advantage', quantity: 1200, endsAt: later(now, days * day) }, now)

  it('tell of an end 90, 60 and 30 days ahead, more severe each time, and for 30 days afterwards', () => {
    const told = [91, 90, 60.5, 60, 30.5, 30, 1, 0, -1, -30, -31].map(days => [days, ending(days)?.kind, ending(days)?.severity])
    assert.deepEqual(told, [
      [91, undefined, undefined],
      [90, 'licenses expiring', 'info'],
      [60.5, 'licenses expiring', 'info'],
      [60, 'licenses expiring', 'minor'],
      [30.5, 'licenses expiring', 'minor'],
      [30, 'licenses expiring', 'major'],
      [1, 'licenses expiring', 'major'],
      [0, 'licenses expired', 'major'],
      [-1, 'licenses expired', 'major'],
      [-30, 'licenses expired', 'major'],
      [-31, undefined, undefined],
    ])
  })

  it('say how many, of what and when', () => {
    assert.equal(ending(29)!.message, '1,200 of Network Advantage end on 30 March 2026.')
    assert.equal(ending(-1)!.message, '1,200 of Network Advantage ended on 28 February 2026.')
    assert.match(ending(29)!.subject, /^7\//)
  })

  it('are one for each Local Virtual Account and kind of silence, however many are silent', () => {
    const silence = { localVirtualAccountId: 3, name: 'Campus', failedToConnect: 12_000, failedToRenew: 1 }
    assert.deepEqual(
      silenceAlerts(silence).map(({ kind, subject, severity, message }) => [kind, subject, severity, message]),
      [
        ['product instances failed to connect', '3', 'minor', '12,000 product instances have not reported for 60 days or more.'],
        [
          'product instances failed to renew',
          '3',
          'major',
          '1 product instance has not reported for 90 days or more, and its authorization ended. What they use is still counted.',
        ],
      ],
    )
    assert.deepEqual(silenceAlerts({ ...silence, failedToConnect: 0, failedToRenew: 0 }), [])
  })
})
