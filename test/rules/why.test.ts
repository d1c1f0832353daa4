import assert from 'node:assert/strict'
import fc from 'fast-check'
import { day, later } from '../../src/rules/clock.ts'
import { explainShortage, type Mend, type ShortageFacts } from '../../src/rules/why.ts'

const now = new Date('2026-03-01T12:00:00Z')
const campus = { id: 3, name: 'Campus', isDefault: false }
const lot = (given: Partial<ShortageFacts['lots'][number]> = {}) => ({
  licenseId: 'L1',
  quantity: 40,
  here: 40,
  startsAt: later(now, -100 * day),
  endsAt: null,
  subscriptionId: null,
  ...given,
})
const user = (name: string, quantity: number, silentDays = 1) => ({
  id: `id-${name}`,
  name,
  quantity,
  registeredAt: later(now, -200 * day),
  lastReportedAt: later(now, -silentDays * day),
})
const facts = (given: Partial<ShortageFacts> = {}): ShortageFacts => ({
  displayName: 'Network Advantage',
  localVirtualAccount: campus,
  purchased: 40,
  inUse: 52,
  reserved: 0,
  balance: -12,
  instances: 2,
  since: now,
  lots: [lot()],
  users: [user('lon-sw-1', 30), user('lon-sw-2', 22)],
  loans: [],
  elsewhere: [],
  ...given,
})
const sentences = (parts: { sentence: string }[]) => parts.map(part => part.sentence)
const ofKind = <Kind extends Mend['kind']>(mends: Mend[], kind: Kind) =>
  mends.filter((mend): mend is Extract<Mend, { kind: Kind }> => mend.kind === kind)

describe('why a license is out of compliance', () => {
  it('says how many are missing, and who uses how many', () => {
    const { summary, reasons, missing } = explainShortage(facts(), now)
    assert.equal(missing, 12)
    assert.equal(summary, 'Network Advantage is 12 short in Campus: 40 purchased, 52 in use.')
    assert.deepEqual(sentences(reasons), ['2 product instances use 52; lon-sw-1 uses 30 and lon-sw-2 uses 22.'])
  })

  it('names the lots that ended within the year, with their share here', () => {
    const ended = lot({ licenseId: 'L2', here: 25, endsAt: new Date('2026-02-20T00:00:00Z'), subscriptionId: 'SUB-7' })
    const longAgo = lot({ licenseId: 'L3', endsAt: later(now, -366 * day) })
    const { reasons, mends } = explainShortage(facts({ lots: [lot(), ended, longAgo] }), now)
    assert.equal(reasons[0]?.sentence, '25 ended on 20 February 2026 (subscription SUB-7).')
    assert.equal(reasons.filter(reason => reason.kind === 'lot ended').length, 1)
    assert.deepEqual(
      ofKind(mends, 'renew').map(mend => [mend.quantity, mend.enough, mend.licenseIds]),
      [[25, true, ['L2']]],
    )
  })

  it('says that nothing was ever purchased, or that none of it is here', () => {
    const never = explainShortage(facts({ purchased: 0, lots: [] }), now)
    assert.equal(never.reasons[0]?.sentence, 'Network Advantage was never purchased for this account.')
    const elsewhere = explainShortage(facts({ purchased: 0, lots: [lot({ here: 0 })] }), now)
    assert.equal(elsewhere.reasons[0]?.sentence, "None of the account's licenses was transferred to Campus.")
  })

  it('tells what stands in already', () => {
    const { reasons } = explainShortage(facts({ loans: [{ displayName: 'Network Premier', quantity: 8 }] }), now)
    assert.equal(reasons.at(-1)?.sentence, 'Network Premier stands in for 8; it has no more to spare here, so 12 stay uncovered.')
  })

  it('counts those who use the same instead of naming them', () => {
    const { reasons } = explainShortage(facts({ instances: 52, users: [user('a', 1), user('b', 1)] }), now)
    assert.equal(reasons[0]?.sentence, '52 product instances use 1 each.')
  })

  it('proposes transfers from the largest surplus of the same license before one that stands in', () => {
    const from = (id: number, name: string, surplus: number, standsIn = false) => ({
      localVirtualAccount: { id, name },
      tagId: standsIn ? 2 : 1,
      displayName: standsIn ? 'Network Premier' : 'Network Advantage',
      standsIn,
      surplus,
    })
    const { mends } = explainShortage(
      facts({ elsewhere: [from(5, 'Depot', 50, true), from(1, 'Default', 4), from(2, 'Branches', 6)] }),
      now,
    )
    assert.deepEqual(sentences(ofKind(mends, 'transfer')), [
      'Transfer 6 from Branches to Campus: 6 are free there.',
      'Transfer 4 from Default to Campus: 4 are free there.',
      'Transfer 2 of Network Premier, which may stand in, from Depot to Campus: 50 are free there.',
    ])
  })

  it('says what to purchase, and that it arrives in Default', () => {
    const [mend] = ofKind(explainShortage(facts(), now).mends, 'purchase')
    assert.equal(mend?.sentence, 'Purchase 12 more, and synchronize. What is purchased arrives in Default: transfer it to Campus then.')
    const [inDefault] = ofKind(
      explainShortage(facts({ localVirtualAccount: { id: 1, name: 'Default', isDefault: true } }), now).mends,
      'purchase',
    )
    assert.equal(inDefault?.sentence, 'Purchase 12 more, and synchronize.')
  })

  it('waits for a lot that is still to begin', () => {
    const { mends } = explainShortage(facts({ lots: [lot({ here: 100, startsAt: later(now, 10 * day) })] }), now)
    assert.deepEqual(sentences(ofKind(mends, 'wait')), ['100 more begin on 11 March 2026 and would cover it.'])
  })

  it('points at an instance that has been silent for long', () => {
    const { mends } = explainShortage(facts({ users: [user('old-sw', 30, 95), user('lon-sw-2', 22)] }), now)
    assert.deepEqual(
      ofKind(mends, 'remove').map(mend => [mend.productInstanceId, mend.enough]),
      [['id-old-sw', true]],
    )
  })

  it('never proposes to transfer more than is missing, nor more than is free', () => {
    const surplus = fc.record({ surplus: fc.integer({ min: 0, max: 50 }), standsIn: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(surplus, { maxLength: 8 }), (missing, sources) => {
        const elsewhere = sources.map((source, index) => ({
          localVirtualAccount: { id: index + 10, name: `Place ${index}` },
          tagId: source.standsIn ? 2 : 1,
          displayName: 'Some license',
          ...source,
        }))
        const { mends } = explainShortage(facts({ balance: -missing, elsewhere }), now)
        const moves = ofKind(mends, 'transfer')
        const free = new Map(elsewhere.map(source => [source.localVirtualAccount.id, source.surplus]))
        const moved = moves.reduce((sum, move) => sum + move.quantity, 0)
        assert.equal(
          moved,
          Math.min(
            missing,
            elsewhere.reduce((sum, source) => sum + source.surplus, 0),
          ),
        )
        assert.ok(moves.every(move => move.quantity > 0 && move.quantity <= free.get(move.from.id)!))
        assert.ok(mends.every(mend => mend.enough === mend.quantity >= missing || mend.kind === 'purchase'))
      }),
    )
  })
})
