import assert from 'node:assert/strict'
import fc from 'fast-check'
import { day, later } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import type { Share } from '../../src/rules/shares.ts'
import { type MovableLot, movableQuantity, transferLots } from '../../src/rules/transfers.ts'

const now = new Date('2026-03-01T00:00:00Z')
const lot = (licenseId: string, licenseType: MovableLot['licenseType'], from = -10, to: number | null = null): MovableLot => ({
  licenseId,
  licenseType,
  startsAt: later(now, from * day),
  endsAt: to === null ? null : later(now, to * day),
})
const lots = [
  lot('short', 'TERM', -10, 20),
  lot('for ever', 'PERPETUAL'),
  lot('long', 'SUBSCRIPTION', -10, 400),
  lot('pending', 'TERM', 5, 400),
  lot('ended', 'TERM', -30, -5),
]
const shares: Share[] = lots.flatMap(({ licenseId }) => [
  { licenseId, localVirtualAccountId: 1, quantity: 10 },
  { licenseId, localVirtualAccountId: 2, quantity: 3 },
])
const heldBy = (place: number, of: Share[]) =>
  of.filter(share => share.localVirtualAccountId === place).reduce((sum, share) => sum + share.quantity, 0)
const perLot = (of: Share[]) =>
  lots.map(({ licenseId }) => of.filter(share => share.licenseId === licenseId).reduce((sum, share) => sum + share.quantity, 0))
const refused = (work: () => unknown, words: RegExp) =>
  assert.throws(work, (error: unknown) => error instanceof Refusal && words.test(error.message))

describe('a transfer of licenses', () => {
  it('takes the longest term first, whole lots before a part', () => {
    const { moved } = transferLots(lots, shares, { from: 1, to: 2, quantity: 23 }, now)
    assert.deepEqual(moved, [
      { licenseId: 'for ever', quantity: 10 },
      { licenseId: 'long', quantity: 10 },
      { licenseId: 'short', quantity: 3 },
    ])
  })

  it('moves lots in force alone', () => {
    assert.equal(movableQuantity(lots, shares, { from: 1 }, now), 30)
    const { shares: after } = transferLots(lots, shares, { from: 1, to: 3, quantity: 30 }, now)
    assert.deepEqual(
      after.filter(share => share.localVirtualAccountId === 1).map(share => share.licenseId),
      ['pending', 'ended'],
    )
  })

  it('keeps to one billing type where one is named', () => {
    const { moved } = transferLots(lots, shares, { from: 1, to: 2, quantity: 4, licenseType: 'TERM' }, now)
    assert.deepEqual(moved, [{ licenseId: 'short', quantity: 4 }])
    refused(() => transferLots(lots, shares, { from: 1, to: 2, quantity: 11, licenseType: 'TERM' }, now), /Only 10 can be transferred/)
  })

  it('refuses more than is held, what is no quantity, and what goes nowhere', () => {
    refused(() => transferLots(lots, shares, { from: 1, to: 2, quantity: 31 }, now), /Only 30 can be transferred from there, and not 31/)
    refused(() => transferLots(lots, shares, { from: 9, to: 2, quantity: 1 }, now), /None can be transferred/)
    for (const quantity of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
      refused(() => transferLots(lots, shares, { from: 1, to: 2, quantity }, now), /whole number|Only 30/)
    }
    refused(() => transferLots(lots, shares, { from: 1, to: 1, quantity: 1 }, now), /another Local Virtual Account/)
  })

  it('creates nothing and loses nothing, whatever is moved where', () => {
    const anyTransfer = fc.record({
      from: fc.integer({ min: 1, max: 4 }),
      to: fc.integer({ min: 1, max: 4 }),
      quantity: fc.integer({ min: 1, max: 40 }),
      licenseType: fc.constantFrom('TERM' as const, 'PERPETUAL' as const, undefined),
    })
    fc.assert(
      fc.property(fc.array(anyTransfer, { maxLength: 30 }), transfers => {
        let state = shares
        for (const transfer of transfers) {
          const before = state
          try {
            const { shares: after, moved } = transferLots(lots, state, transfer, now)
            const went = moved.reduce((sum, part) => sum + part.quantity, 0)
            assert.equal(went, transfer.quantity)
            assert.equal(heldBy(transfer.from, after), heldBy(transfer.from, before) - transfer.quantity)
            assert.equal(heldBy(transfer.to, after), heldBy(transfer.to, before) + transfer.quantity)
            state = after
          } catch (error) {
            if (!(error instanceof Refusal)) throw error
          }
          assert.deepEqual(perLot(state), perLot(shares))
          assert.ok(state.every(share => share.quantity > 0))
        }
      }),
    )
  })
})
