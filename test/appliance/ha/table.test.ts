import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Facts } from '../../../appliance/ha/facts.ts'
import { times } from '../../../appliance/ha/pair.ts'
import { type ModelNode, makeWorld, type World } from '../../support/ha/world.ts'

const happenings = ['power', 'boot', 'port', 'split', 'database', 'agent', 'server', 'switchover', 'heal'] as const
type Happening = { what: (typeof happenings)[number]; who: 'a' | 'b'; lasts: number; first: 'a' | 'b' }

/** Without a witness the setting "gateway" does not cover two nodes that both see their clients, but not each other. */
const coveredBy = (fence: Facts['fence']) => happenings.filter(what => what !== 'split' || fence !== 'gateway')

function happen(world: World, { what, who }: Happening): void {
  const one = world[who]
  if (what === 'power') world.crash(one)
  if (what === 'boot') world.boot(one)
  if (what === 'port') one.hasPort = !one.hasPort
  if (what === 'split') world.hear(false)
  if (what === 'database') one.database.runs = false
  if (what === 'agent' && !one.agentRuns) world.restartAgent(one)
  else if (what === 'agent') one.agentRuns = false
  if (what === 'server') one.memory.serverEnded = true
  if (what === 'switchover') one.memory.order = 'switchover'
  if (what === 'heal') heal(world)
}

function heal(world: World): void {
  world.hear(true)
  for (const one of [world.a, world.b]) {
    one.hasPort = true
    world.boot(one)
    world.restartAgent(one)
  }
}

const inWords = ({ a, b }: World) =>
  [a, b]
    .map(({ claim, memory, database: { runs, isStandby, writes } }) =>
      JSON.stringify({ claim, state: memory.state, peer: memory.peer, runs, isStandby, n: writes.size }),
    )
    .join('\n')

const ownerOf = ({ a, b }: World): ModelNode | undefined => {
  const latest = a.claim.epoch >= b.claim.epoch ? a.claim : b.claim
  return [a, b].find(({ name }) => name === latest.owner)
}

function check(world: World): void {
  const { a, b } = world
  const bothOwn = a.claim.owner === 'a' && b.claim.owner === 'b' && a.claim.epoch === b.claim.epoch
  assert.ok(!bothOwn, `Both own epoch ${a.claim.epoch}.`)
  const kept = ownerOf(world)!.database.writes
  assert.deepEqual(
    world.acknowledged.filter(number => !kept.has(number)),
    [],
    'What was acknowledged is with the owner of the latest epoch.',
  )
}

const life = (fence: Facts['fence']) =>
  fc.record({
    happenings: fc.array(
      fc.record<Happening>({
        what: fc.constantFrom(...coveredBy(fence)),
        who: fc.constantFrom('a', 'b'),
        lasts: fc.integer({ min: 0, max: 70 }),
        first: fc.constantFrom('a', 'b'),
      }),
      { maxLength: 12 },
    ),
    deaths: fc.infiniteStream(fc.integer({ min: 0, max: 60 })),
  })

function live(fence: Facts['fence'], happeningsOf: Happening[], deaths: Iterator<number>): World {
  let isPeace = true
  const world = makeWorld(fence, () => !isPeace && deaths.next().value === 0)
  const goOn = (steps: number, first: 'a' | 'b') => {
    for (let done = 0; done < steps; done++) {
      world.step(world[first])
      check(world)
    }
  }
  goOn(30, 'a')
  assert.equal(world.a.memory.state, 'active')
  assert.equal(world.b.claim.mode, 'sync')
  isPeace = false
  for (const happening of happeningsOf) {
    happen(world, happening)
    check(world)
    goOn(happening.lasts, happening.first)
  }
  isPeace = true
  heal(world)
  goOn(200, 'b')
  return world
}

describe('the table of the pair', function () {
  this.timeout(120_000)
  it('holds a node that was in sync and comes back alone: the other one may know more', () => {
    const world = live('gateway', [], [][Symbol.iterator]())
    const [active] = [world.a, world.b].filter(({ memory }) => memory.state === 'active')
    const standby = active === world.a ? world.b : world.a
    const goOn = (steps: number) => {
      for (let done = 0; done < steps; done++) world.step(world.a)
    }
    // The active dies, the other goes on alone and dies too, and the first comes back.
    world.crash(active!)
    goOn(20)
    assert.equal(standby.memory.state, 'active')
    world.crash(standby)
    world.boot(active!)
    goOn(200)
    assert.equal(active!.memory.state, 'held')
    world.boot(standby)
    goOn(60)
    assert.deepEqual([standby.memory.state, active!.memory.state], ['active', 'standby'])
    check(world)
  })

  it('does not go on alone by time where the standby took over meanwhile and died too', () => {
    const world = live('gateway', [], [][Symbol.iterator]())
    const [active] = [world.a, world.b].filter(({ memory }) => memory.state === 'active')
    const standby = active === world.a ? world.b : world.a
    const goOn = (steps: number) => {
      for (let done = 0; done < steps; done++) {
        world.step(active!)
        check(world)
      }
    }
    // The other one owns the next epoch already, and loses its power before this one has heard of it.
    active!.database.runs = false
    for (let done = 0; standby.claim.owner !== standby.name && done < 10; done++) world.step(active!)
    assert.equal(standby.claim.owner, standby.name)
    world.crash(standby)
    goOn(200)
    assert.equal(active!.claim.mode, 'sync', 'it waits, and acknowledges nothing')
    world.boot(standby)
    goOn(200)
    assert.deepEqual([standby.memory.state, active!.memory.state], ['active', 'standby'])
  })

  it('latches a refused promotion, so that the address does not come and go', () => {
    const world = live('gateway', [], [][Symbol.iterator]())
    const [standby] = [world.a, world.b].filter(({ memory }) => memory.state === 'standby')
    standby!.memory.vetoedUntil = Number.POSITIVE_INFINITY
    world.crash(standby === world.a ? world.b : world.a)
    for (let done = 0; done < 60; done++) world.step(world.a)
    assert.deepEqual([standby!.memory.state, standby!.holdsVip], ['standby', false])
  })

  it('has a standby give up before the active goes on alone', () => {
    assert.ok(times.promote < times.alone)
  })

  for (const fence of ['witness', 'gateway', 'strict'] as const) {
    it(`loses nothing and has one owner of each epoch, and comes together again, with the fence "${fence}"`, () => {
      fc.assert(
        fc.property(life(fence), ({ happenings: list, deaths }) => {
          const world = live(fence, list, deaths[Symbol.iterator]() as Iterator<number>)
          assert.deepEqual([world.a.memory.state, world.b.memory.state].sort(), ['active', 'standby'], inWords(world))
          assert.deepEqual([world.a.claim.mode, world.b.claim.mode], ['sync', 'sync'])
          assert.ok([world.a, world.b].find(({ memory }) => memory.state === 'active')!.holdsVip)
        }),
        { numRuns: 150 },
      )
    })
  }
})
