import assert from 'node:assert/strict'
import { day, later } from '../../src/rules/clock.ts'
import { authorityAlert } from '../../src/rules/trustStore.ts'

describe('an authority of the trust store', () => {
  const notAfter = new Date('2027-01-01T00:00:00Z')
  const said = (days: number) => authorityAlert({ name: 'Ours', notAfter }, later(notAfter, -days * day))

  it('is warned of 90 days before its end, then more urgently, and told of when it has ended', () => {
    assert.deepEqual(
      [91, 90, 14, 13, 1, 0].map(days => said(days)?.severity),
      [undefined, 'minor', 'minor', 'major', 'major', 'critical'],
    )
    assert.match(said(90)!.message, /^The trusted authority Ours ends in 90 days, on 2027-01-01\./)
    assert.match(said(0)!.message, /ended on 2027-01-01/)
  })
})
