import assert from 'node:assert/strict'
import fc from 'fast-check'
import { day, later } from '../../src/rules/clock.ts'
import { type Lot, type Share, spreadLots } from '../../src/rules/shares.ts'

const now = new Date('2026-03-01T00:00:00Z')
const defaultId = 1
const lot = (licenseId: string, quantity: number, from = -10, to: number | null = null): Lot => ({
  licenseId,
  quantity,
  startsAt: later(now, from * day),
  endsAt: to === null ? null : later(now, to * day),
})
const share = (licenseId: string, localVirtualAccountId: number, quantity: number): Share => ({
  licenseId,
  localVirtualAccountId,
  quantity,
})
const sorted = (shares: Share[]) =>
  shares
    .map(({ licenseId, localVirtualAccountId, quantity }) => `${licenseId} ${localVirtualAccountId} ${quantity}`)
    .sort()
    .join(', ')
const spread = (before: Lot[], shares: Share[], after: Lot[]) => sorted(spreadLots({ before, shares, after, defaultId }, now))

const standings: [number, number | null][] = [
  [-10, null],
  [-10, 20],
  [-10, -5],
  [5, null],
]
const anyLots = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(20), fc.constantFrom(...standings)).map(([id, quantity, [from, to]]) => ({
    ...lot(`L${id}`, quantity, from, to),
  })),
  { selector: each => each.licenseId, maxLength: 6 },
)
/** Shares that add up to the lots: each lot is cut at up to two places. */
const sharesOf = (lots: Lot[]) =>
  fc.tuple(...lots.map(({ quantity }) => fc.tuple(fc.nat(quantity), fc.nat(quantity)))).map(cuts =>
    lots.flatMap(({ licenseId, quantity }, index) => {
      const [a, b] = [...cuts[index]!].sort((x, y) => x - y) as [number, number]
      return [share(licenseId, 1, a), share(licenseId, 2, b - a), share(licenseId, 3, quantity - b)].filter(each => each.quantity > 0)
    }),
  )
const anySpread = anyLots.chain(before => fc.tuple(fc.constant(before), sharesOf(before), anyLots))
const sum = (rows: { quantity: number }[]) => rows.reduce((total, each) => total + each.quantity, 0)
const inForce = (each: Lot) => each.startsAt <= now && (each.endsAt === null || now < each.endsAt)
const heldBy = (place: number, shares: Share[], lots: Lot[]) => {
  const ids = new Set(lots.filter(inForce).map(each => each.licenseId))
  return sum(shares.filter(each => each.localVirtualAccountId === place && ids.has(each.licenseId)))
}

describe('spreading lots over Local Virtual Accounts', () => {
  it('lands what is new in Default', () => {
    assert.equal(spread([], [], [lot('A', 10)]), 'A 1 10')
    assert.equal(spread([lot('A', 5)], [share('A', 2, 5)], [lot('A', 8)]), 'A 1 3, A 2 5')
  })

  it('takes a loss off Default first', () => {
    assert.equal(spread([lot('A', 10)], [share('A', 1, 4), share('A', 2, 6)], [lot('A', 7)]), 'A 1 1, A 2 6')
  })

  it('takes what Default cannot bear off the others, the largest first', () => {
    const shares = [share('A', 1, 2), share('A', 2, 3), share('A', 3, 5)]
    assert.equal(spread([lot('A', 10)], shares, [lot('A', 6)]), 'A 2 3, A 3 3')
    assert.equal(spread([lot('A', 10)], shares, [lot('A', 2)]), 'A 2 2')
  })

  it('lets a lot that stays stand in for one that is gone, so that the loss still comes off Default', () => {
    const shares = [share('A', 2, 6), share('A', 1, 4), share('B', 1, 10)]
    assert.equal(spread([lot('A', 10), lot('B', 10)], shares, [lot('B', 10)]), 'B 1 4, B 2 6')
  })

  it('moves nothing when a lot is replaced by another of the same quantity', () => {
    assert.equal(spread([lot('A', 10, -10, 20)], [share('A', 2, 6), share('A', 1, 4)], [lot('B', 10, 0, 365)]), 'B 1 4, B 2 6')
  })

  it('does not pay for an ended lot that the cloud forgets with one in force', () => {
    const before = [lot('old', 10, -20, -10), lot('B', 10)]
    assert.equal(spread(before, [share('old', 2, 10), share('B', 1, 10)], [lot('B', 10)]), 'B 1 10')
  })

  it('keeps a pending lot where an administrator has put it', () => {
    const pending = lot('P', 10, 5)
    assert.equal(spread([pending], [share('P', 2, 10)], [pending, lot('A', 3)]), 'A 1 3, P 2 10')
  })

  it('gives out every lot whole and nothing twice', () => {
    fc.assert(
      fc.property(anySpread, ([before, shares, after]) => {
        const result = spreadLots({ before, shares, after, defaultId }, now)
        for (const each of after) assert.equal(sum(result.filter(row => row.licenseId === each.licenseId)), each.quantity)
        assert.ok(result.every(row => row.quantity > 0 && after.some(each => each.licenseId === row.licenseId)))
        assert.equal(new Set(result.map(row => `${row.licenseId} ${row.localVirtualAccountId}`)).size, result.length)
      }),
    )
  })

  it('changes nothing when nothing changed', () => {
    fc.assert(fc.property(anySpread, ([before, shares]) => assert.equal(spread(before, shares, before), sorted(shares))))
  })

  it('takes nothing from the others while Default can bear the loss, and never gives them more', () => {
    fc.assert(
      fc.property(anySpread, ([before, shares, after]) => {
        const renamed = after.map(each => ({ ...each, licenseId: `new ${each.licenseId}` }))
        const result = spreadLots({ before, shares, after: renamed, defaultId }, now)
        const loss = sum(before.filter(inForce)) - sum(renamed.filter(inForce))
        const atDefault = heldBy(1, shares, before)
        for (const place of [2, 3]) {
          const [had, has] = [heldBy(place, shares, before), heldBy(place, result, renamed)]
          if (loss <= atDefault) assert.equal(has, had)
          else assert.ok(has <= had)
        }
        assert.equal(heldBy(1, result, renamed), Math.max(0, atDefault - loss))
      }),
    )
  })
})
