import assert from 'node:assert/strict'
import fc from 'fast-check'
import { usageChange } from '../../src/rules/usage.ts'

const lines = fc.array(fc.record({ tagId: fc.integer({ min: 1, max: 6 }), count: fc.nat(9), version: fc.constantFrom('1.0', '2.0') }), {
  maxLength: 8,
})

/** Keeps a product's usage and the sums beside it, as storage does. */
function apply(
  state: { usage: Map<number, { quantity: number; version: string }>; sums: Map<number, number> },
  reported: Parameters<typeof usageChange>[1],
) {
  const change = usageChange(
    [...state.usage].map(([tagId, row]) => ({ tagId, ...row })),
    reported,
  )
  for (const { tagId, quantity, version } of change.put) state.usage.set(tagId, { quantity, version })
  for (const { tagId } of change.drop) state.usage.delete(tagId)
  for (const { tagId, inUse } of change.deltas) state.sums.set(tagId, (state.sums.get(tagId) ?? 0) + inUse)
}

describe('a report of usage', () => {
  it('is complete and absolute: what is missing or 0 is released', () => {
    const before = [
      { tagId: 1, quantity: 4, version: '1.0' },
      { tagId: 2, quantity: 1, version: '1.0' },
    ]
    const change = usageChange(before, [{ tagId: 1, count: 0, version: '1.0' }])
    assert.deepEqual(change.drop, [{ tagId: 1 }, { tagId: 2 }])
    assert.deepEqual(change.deltas, [
      { tagId: 1, inUse: -4, instances: -1 },
      { tagId: 2, inUse: -1, instances: -1 },
    ])
  })

  it('changes nothing when it says the same again', () => {
    fc.assert(
      fc.property(lines, reported => {
        const state = { usage: new Map(), sums: new Map() }
        apply(state, reported)
        const again = usageChange(
          [...state.usage].map(([tagId, row]) => ({ tagId, ...row })),
          reported,
        )
        assert.deepEqual(again, { put: [], drop: [], deltas: [] })
      }),
    )
  })

  it('keeps every sum equal to what is in use, whatever was reported before', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 6 }), reports => {
        const state = { usage: new Map<number, { quantity: number; version: string }>(), sums: new Map<number, number>() }
        for (const reported of reports) apply(state, reported)
        for (const [tagId, sum] of state.sums) assert.equal(sum, state.usage.get(tagId)?.quantity ?? 0)
        for (const [tagId, row] of state.usage) assert.equal(state.sums.get(tagId), row.quantity)
      }),
    )
  })
})
