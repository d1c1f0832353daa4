import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { accountNumberIn, mintIdentifier } from '../../src/rules/identifiers.ts'

const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
const bytes = fc.uint8Array({ minLength: 7, maxLength: 7 })

describe('an identifier', () => {
  it('is a UUIDv8 that carries the number of its account', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fffffff }), times, bytes, (account, now, random) => {
        const identifier = mintIdentifier(account, now, random)
        assert.match(identifier, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        assert.equal(accountNumberIn(identifier), account)
      }),
    )
  })

  it('sorts by the time it was made', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10_000_000 }), bytes, bytes, (now, elapsed, random, others) => {
        assert.ok(mintIdentifier(7, now, random) < mintIdentifier(7, new Date(now.getTime() + elapsed), others))
      }),
    )
  })

  it('is not guessed into anything that is none', () => {
    for (const text of ['', 'x', randomUUID(), '00000000-0000-8000-8000-000000000000']) assert.equal(accountNumberIn(text), undefined)
    assert.throws(() => mintIdentifier(1, new Date(), randomBytes(6)), RangeError)
  })
})
