import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openCapacity } from '../../src/device/capacity.ts'
import { type Caller, openLimits, usualLimits } from '../../src/device/limits.ts'
import { openRounds } from '../../src/device/rounds.ts'
import { openShares } from '../../src/device/shares.ts'
import { sourceOf } from '../../src/device/source.ts'
import { Crowded, openTurnstile } from '../../src/device/turnstile.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { until } from '../support/until.ts'

const caller: Caller = { source: '192.0.2.1', account: 1, isRegistration: false, tokenId: undefined }
const applicant: Caller = { ...caller, isRegistration: true, tokenId: 'a' }
const slow = (burst: number) => ({ burst, perSecond: 0 })

/** How many of the same caller are let in at once. */
function fill(enter: () => unknown): number {
  let count = 0
  while (enter()) count++
  return count
}

describe('shares', () => {
  const name = fc.constantFrom('a', 'b', 'c')

  it('never hand out more than there is, and take back what was given', () => {
    const step = fc.record({ name, amount: fc.integer({ min: 1, max: 40 }), gives: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 4 }), fc.array(step), (most, generosity, steps) => {
        const shares = openShares(most, generosity)
        const held: { name: string; amount: number }[] = []
        for (const { name, amount, gives } of steps) {
          if (!gives && shares.take(name, amount)) held.push({ name, amount })
          const given = gives && held.pop()
          if (given) shares.give(given.name, given.amount)
          assert.ok(held.reduce((sum, one) => sum + one.amount, 0) <= most)
        }
        for (const one of held) shares.give(one.name, one.amount)
        assert.ok(shares.take('a', most), 'everything is there again')
      }),
    )
  })

  it('leave something to whoever comes last, and equal parts to those who push', () => {
    const shares = openShares(640, 3)
    assert.equal(
      fill(() => shares.take('first')),
      480,
    )
    assert.equal(
      fill(() => shares.take('second')),
      120,
    )
    assert.ok(shares.take('third'))
    // As the first leaves, the others get what it may not have again.
    for (let left = 0; left < 480; left++) {
      shares.give('first')
      shares.take('second')
      shares.take('first')
    }
    assert.ok(shares.take('fourth'))
  })
})

describe('the capacity of the door', () => {
  /** What half a second came to: so many left, and whether somebody found no place. Gives the places after it. */
  function openMeasured() {
    let now = 0
    const capacity = openCapacity({ most: 512, first: 128 }, () => now)
    return (left: number, turnedAway: boolean, milliseconds = 500) => {
      capacity.came(!turnedAway)
      for (let count = 0; count < left; count++) capacity.left()
      now += milliseconds
      return capacity.came(true)
    }
  }

  it('is what left in half a second while there were too few places, on a slow machine and on a fast one', () => {
    const [slow, fast] = [openMeasured(), openMeasured()]
    assert.equal(slow(40, true), 40)
    assert.equal(fast(300, true), 300)
    assert.equal(slow(80, true, 1000), 40)
  })

  it('is never more than there are, nor so few that the door is shut', () => {
    const after = openMeasured()
    assert.equal(after(9000, true), 512)
    assert.equal(after(0, true), 16)
  })

  it('is left as it is while there is room for all, and begins anew when it was small', () => {
    const after = openMeasured()
    after(300, true)
    assert.equal(after(2, false), 300)
    after(20, true)
    assert.equal(after(2, false), 128)
  })
})

describe('rounds', () => {
  it('begin so much at once, all of it, in order', async () => {
    const inRounds = openRounds(2)
    const begun: number[] = []
    const round = () => new Promise(resolve => setImmediate(resolve))
    for (const number of [1, 2, 3, 4, 5]) inRounds(() => begun.push(number))
    assert.equal(begun.length, 0)
    await round()
    assert.deepEqual(begun, [1, 2])
    await round()
    assert.deepEqual(begun, [1, 2, 3, 4])
    await until(() => begun.length === 5)
    inRounds(() => begun.push(6))
    await until(() => begun.length === 6)
    assert.deepEqual(begun, [1, 2, 3, 4, 5, 6])
  })
})

describe('who is one sender', () => {
  it('is an IPv4 address, however it is written, or the network of an IPv6 address', () => {
    assert.equal(sourceOf('192.0.2.1'), '192.0.2.1')
    assert.equal(sourceOf('::ffff:192.0.2.1'), '192.0.2.1')
    assert.equal(sourceOf('2001:db8:0:1::5'), sourceOf('2001:DB8:0:1:ffff:1:2:3'))
    assert.equal(sourceOf('fe80::1%eth0'), sourceOf('fe80::2%eth1'))
    assert.notEqual(sourceOf('2001:db8::1'), sourceOf('2001:db8:0:1::1'))
    assert.equal(sourceOf('::1'), '0:0:0:0::/64')
    assert.equal(sourceOf('64:ff9b::192.0.2.33'), '64:ff9b:0:0::/64')
    assert.equal(sourceOf(undefined), 'unknown')
  })

  it('is the same for every way to write an IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), address => {
        const written = new URL(`http://[${address}]/`).hostname.slice(1, -1)
        assert.equal(sourceOf(address), sourceOf(written))
      }),
    )
  })
})

describe('the turnstile of those who are sent away', () => {
  it('lets through two at once, in the order they came, and says when too many wait', async () => {
    const turnstile = openTurnstile({ atOnce: 2, burst: 3 })
    const [order, ends]: [number[], (() => void)[]] = [[], []]
    const work = (number: number) => () =>
      new Promise<number>(resolve => {
        order.push(number)
        ends.push(() => resolve(number))
      })
    const passes = [1, 2, 3, 4, 5].map(number => turnstile.pass(work(number)))
    await assert.rejects(turnstile.pass(work(6)), Crowded)
    await until(() => order.length === 2)
    for (let ended = 0; ended < 5; ended++) {
      ends[ended]!()
      await until(() => order.length === Math.min(5, ended + 3))
    }
    assert.deepEqual(await Promise.all(passes), [1, 2, 3, 4, 5])
    assert.deepEqual(order, [1, 2, 3, 4, 5])
  })

  it('lets a burst wait, once, and sends on at once who keeps coming, until it has been calm', async () => {
    let now = 0
    const turnstile = openTurnstile({ atOnce: 1, burst: 3, patience: 100, calm: 1000 }, () => now)
    const inside: (() => void)[] = []
    const come = () => turnstile.pass(() => new Promise<void>(resolve => inside.push(resolve)))
    /** The one inside goes, and the next is in. */
    const leave = async (first: Promise<void>) => {
      await until(() => inside.length > 0)
      inside.shift()!()
      await first
    }
    const [a, b] = [come(), come()]
    now = 150
    const [c, d] = [come(), come()]
    await leave(a)
    now = 300
    const e = come()
    await leave(b)
    // Two wait, so there is room; but three have joined late already.
    now = 310
    await assert.rejects(come(), Crowded)
    for (const one of [c, d, e]) await leave(one)
    now = 1400
    const [f, g] = [come(), come()]
    now = 1550
    const h = come()
    for (const one of [f, g, h]) await leave(one)
  })

  it('goes on when somebody breaks in it', async () => {
    const turnstile = openTurnstile({ atOnce: 1 })
    await assert.rejects(
      turnstile.pass(async () => {
        throw new Error('broken')
      }),
    )
    assert.equal(await turnstile.pass(async () => 'next'), 'next')
  })
})

describe('the limits of the door', () => {
  it('let so many be under way, and the next when one has left', () => {
    const limits = openLimits({ ...usualLimits, underWay: 4 })
    const leave = limits.enter(caller)
    assert.ok(leave && limits.enter(caller) && limits.enter(caller))
    assert.equal(limits.enter(caller), undefined)
    leave()
    assert.ok(limits.enter(caller))
  })

  it('keep registrations and reports apart: a storm of either leaves the other alone', () => {
    const limits = openLimits({ ...usualLimits, registrationsUnderWay: 1, underWay: 1 })
    assert.ok(limits.enter(applicant))
    assert.equal(limits.enter({ ...applicant, source: '192.0.2.2', account: 2, tokenId: 'b' }), undefined)
    assert.ok(limits.enter(caller))
  })

  it('leave places to other accounts when one has a storm from everywhere', () => {
    const limits = openLimits(usualLimits)
    let address = 0
    const storm = fill(() => limits.enter({ ...caller, source: `s${address++}` }))
    assert.equal(storm, 410)
    assert.ok(limits.enter({ ...caller, account: 2, source: 'elsewhere' }))
  })

  it('leave places to other addresses of an account when one of them has a storm', () => {
    const limits = openLimits(usualLimits)
    assert.equal(
      fill(() => limits.enter(caller)),
      384,
    )
    assert.ok(limits.enter({ ...caller, source: '192.0.2.2' }))
    assert.equal(
      fill(() => limits.arrive('192.0.2.1')),
      96,
    )
    assert.ok(limits.arrive('192.0.2.2'))
  })

  it('let one source, or one token, use up its own and nobody else’s', () => {
    const limits = openLimits({ ...usualLimits, source: slow(2), token: slow(1) })
    assert.ok(limits.enter(applicant))
    assert.equal(limits.enter(applicant), undefined)
    assert.ok(limits.enter({ ...applicant, source: '192.0.2.2', tokenId: 'b' }))
    assert.equal(limits.enter(caller), undefined)
    assert.ok(limits.enter({ ...caller, source: '192.0.2.3' }))
  })

  it('give the place back of whoever comes too often', () => {
    const limits = openLimits({ ...usualLimits, underWay: 2, source: slow(1) })
    limits.enter(caller)?.()
    for (let time = 0; time < 5; time++) assert.equal(limits.enter(caller), undefined)
    assert.ok(limits.enter({ ...caller, source: '192.0.2.2' }))
  })

  it('keep no more names than their memory has room for', () => {
    const limits = openLimits({ ...usualLimits, underWay: 50_000, source: slow(1) })
    assert.ok(limits.enter(caller))
    for (let address = 0; address < 10_000; address++) limits.enter({ ...caller, source: String(address) })
    assert.ok(limits.enter(caller), 'the one not heard of for longest is forgotten')
  })
})

describe('a door that is busy', () => {
  let open: OpenDoor

  before(async () => {
    open = await openTestDoor({ limits: { ...usualLimits, registrationsUnderWay: 1, token: slow(1) } })
  })
  after(() => open.close())

  it('says OK_TRY_AGAIN and when, signed, and writes nothing; who comes again is served', async () => {
    const [first, second] = [open.product(), open.product()]
    await first.register(open.token)
    const before = await open.rows()
    const text = second.compose('REGISTRATION', second.applies(open.token))
    const reply = await second.send(text)
    assert.equal(reply.status, 'OK_TRY_AGAIN')
    assert.ok((reply.response.retry_after as number) >= 10)
    assert.deepEqual(await open.rows(), before)
    assert.equal((await first.report([])).status, 'OK')
  })
})

describe('a door that more come to than it can look at', () => {
  let open: OpenDoor

  before(async () => {
    open = await openTestDoor({ limits: { ...usualLimits, present: 0 } })
  })
  after(() => open.close())

  it('says OK_TRY_AGAIN in the name of the server, without looking anybody up', async () => {
    const before = await open.rows()
    const product = open.product()
    const reply = await product.say('REGISTRATION', product.applies(open.token))
    assert.equal(reply.status, 'OK_TRY_AGAIN')
    assert.ok((reply.response.retry_after as number) >= 10)
    assert.match(reply.signer.subject, /serialNumber=/, 'the signer of the server is named by the number of the server')
    assert.deepEqual(await open.rows(), before)
  })

  it('still says in the order of the contract what a message is told by itself', async () => {
    const product = open.product()
    const version = await product.say('HELLO', {}, { header: { version: '2.0' }, request: { nonce: 'another' } })
    assert.equal(version.status, 'VERSION_TOO_HIGH')
    assert.equal((await product.say('HELLO', {}, { request: { nonce: 'another' } })).message_code, 'MALFORMED')
    assert.equal((await product.say('HELLO', {}, { common: { timestamp: 0 } })).message_code, 'CLOCK_SKEW')
  })
})
