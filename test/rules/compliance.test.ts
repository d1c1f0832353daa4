import assert from 'node:assert/strict'
import fc from 'fast-check'
import { circleOf, entitlementAnswer, type Holding, overallStatus, type SubstitutionRule, settle } from '../../src/rules/compliance.ts'

const holding = (tagId: number, purchased: number, inUse: number, reserved = 0): Holding => ({
  tagId,
  tag: `tag-${tagId}`,
  purchased,
  inUse,
  reserved,
})

const anyHoldings = fc
  .uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 })
  .chain(ids =>
    fc.tuple(
      ...ids.map(id => fc.tuple(fc.nat(50), fc.nat(50), fc.nat(5)).map(([bought, used, reserved]) => holding(id, bought, used, reserved))),
    ),
  )
const anyRules: fc.Arbitrary<SubstitutionRule[]> = fc.array(
  fc.record({
    tagId: fc.integer({ min: 1, max: 8 }),
    standsInForTagId: fc.integer({ min: 1, max: 8 }),
    distance: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 12 },
)
const own = (row: Holding) => row.purchased - row.inUse - row.reserved

describe('settling a Local Virtual Account', () => {
  it('covers a shortage of a lower tier from the surplus of a higher one, and shows it on both rows', () => {
    const { settlements, loans } = settle([holding(1, 10, 4), holding(2, 5, 8)], [{ tagId: 1, standsInForTagId: 2, distance: 1 }])
    assert.deepEqual(loans, [{ lenderTagId: 1, borrowerTagId: 2, quantity: 3 }])
    assert.deepEqual(settlements, [
      { tagId: 1, borrowed: 0, lent: 3, balance: 3, standing: 'in compliance' },
      { tagId: 2, borrowed: 3, lent: 0, balance: 0, standing: 'in compliance' },
    ])
  })

  it('asks the nearest tier first', () => {
    const rules = [
      { tagId: 1, standsInForTagId: 3, distance: 2 },
      { tagId: 2, standsInForTagId: 3, distance: 1 },
    ]
    const { loans } = settle([holding(1, 10, 0), holding(2, 2, 0), holding(3, 0, 5)], rules)
    assert.deepEqual(loans, [
      { lenderTagId: 2, borrowerTagId: 3, quantity: 2 },
      { lenderTagId: 1, borrowerTagId: 3, quantity: 3 },
    ])
  })

  it('leaves a tag out of compliance when what may stand in is not enough', () => {
    const { settlements } = settle([holding(1, 1, 0), holding(2, 0, 3)], [{ tagId: 1, standsInForTagId: 2, distance: 1 }])
    assert.equal(settlements[1]?.standing, 'out of compliance')
    assert.equal(settlements[1]?.balance, -2)
  })

  it('comes to the same when only the circle of what moved is settled', () => {
    fc.assert(
      fc.property(anyHoldings, anyRules, fc.nat(7), (holdings, rules, picked) => {
        const moved = holdings[picked % holdings.length]!.tagId
        const circle = circleOf([moved], rules)
        const whole = settle(holdings, rules).settlements.filter(({ tagId }) => circle.has(tagId))
        const part = settle(
          holdings.filter(({ tagId }) => circle.has(tagId)),
          rules,
        ).settlements
        assert.deepEqual(part, whole)
      }),
    )
  })

  it('creates and loses nothing: the sum of the balances is what was there before', () => {
    fc.assert(
      fc.property(anyHoldings, anyRules, (holdings, rules) => {
        const { settlements } = settle(holdings, rules)
        const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
        assert.equal(sum(settlements.map(row => row.balance)), sum(holdings.map(own)))
        assert.equal(sum(settlements.map(row => row.lent)), sum(settlements.map(row => row.borrowed)))
      }),
    )
  })

  it('never lends what the lender needs itself, nor more than is missing', () => {
    fc.assert(
      fc.property(anyHoldings, anyRules, (holdings, rules) => {
        for (const row of settle(holdings, rules).settlements) {
          const before = own(holdings.find(candidate => candidate.tagId === row.tagId)!)
          if (row.lent > 0) assert.ok(row.balance >= 0 && before > 0)
          if (row.borrowed > 0) assert.ok(row.balance <= 0 && before < 0)
        }
      }),
    )
  })

  it('lends only where the catalog has a rule, and leaves no loan undone that a rule allows', () => {
    fc.assert(
      fc.property(anyHoldings, anyRules, (holdings, rules) => {
        const { settlements, loans } = settle(holdings, rules)
        for (const loan of loans)
          assert.ok(rules.some(rule => rule.tagId === loan.lenderTagId && rule.standsInForTagId === loan.borrowerTagId))
        const balance = new Map(settlements.map(row => [row.tagId, row.balance]))
        for (const rule of rules) {
          if (rule.tagId === rule.standsInForTagId) continue
          assert.ok(!((balance.get(rule.tagId) ?? 0) > 0 && (balance.get(rule.standsInForTagId) ?? 0) < 0))
        }
      }),
    )
  })

  it('does not depend on the order in which the facts arrive', () => {
    fc.assert(
      fc.property(anyHoldings, anyRules, (holdings, rules) => {
        const sorted = (rows: { tagId: number }[]) => [...rows].sort((a, b) => a.tagId - b.tagId)
        assert.deepEqual(
          sorted(settle(holdings, rules).settlements),
          sorted(settle([...holdings].reverse(), [...rules].reverse()).settlements),
        )
      }),
    )
  })
})

describe('what an instance is told', () => {
  it('is that every instance using a short tag is out of compliance, and how much of the shortage is its own', () => {
    assert.deepEqual(entitlementAnswer(5, -3), {
      requested: 5,
      authorized: 2,
      outOfCompliance: 5,
      insufficient: 3,
      status: 'OUT_OF_COMPLIANCE',
    })
    assert.equal(entitlementAnswer(1, -3).insufficient, 1)
  })

  it('is INVALID_TAG for an unknown tag alone', () => {
    const answers = [entitlementAnswer(2, undefined), entitlementAnswer(2, 0)]
    assert.deepEqual(
      answers.map(answer => answer.status),
      ['INVALID_TAG', 'IN_COMPLIANCE'],
    )
    assert.equal(overallStatus(answers), 'AUTHORIZED')
  })

  it('is that nothing is in use when nothing known is', () => {
    assert.equal(overallStatus([]), 'NO_LICENSES_IN_USE')
    assert.equal(overallStatus([entitlementAnswer(3, undefined), entitlementAnswer(0, 5)]), 'NO_LICENSES_IN_USE')
  })
})
