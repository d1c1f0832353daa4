import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Chain, judge, type Place } from '../../src/lab/cloud/exchange/sequence.ts'
import { nextExchange, type Resynchronization, reasonAfter, type Chain as ServerChain } from '../../src/rules/exchanges.ts'

const now = new Date('2026-03-01T12:00:00Z')
const hour = 3_600_000
const chain: Chain = { lastSequence: 7, lastRequestHash: 'seven', chainHash: 'r7' }
const place = (changes: Partial<Place> = {}): Place => ({
  sequence: 8,
  hash: 'eight',
  prevHash: 'r7',
  isFull: false,
  createdAt: now.getTime(),
  notAfter: now.getTime() + 30 * 24 * hour,
  wasSeen: false,
  tokenSequence: undefined,
  ...changes,
})
const verdict = (changes: Partial<Place> = {}) => {
  const { act, ...rest } = judge(chain, place(changes), now)
  return 'code' in rest ? `${act}: ${rest.code}` : act
}

describe("the cloud's table of sequences", () => {
  it('processes the next request, and gives the stored response to the last one again', () => {
    assert.equal(verdict(), 'process')
    assert.equal(verdict({ sequence: 7, hash: 'seven', prevHash: 'r6', wasSeen: true }), 'repeat')
  })

  it('rejects what it has seen before', () => {
    assert.equal(verdict({ sequence: 5, hash: 'five', wasSeen: true }), 'reject: FILE_REPLAYED')
    assert.equal(verdict({ sequence: 5, hash: 'five', wasSeen: true, isFull: true, tokenSequence: 7 }), 'reject: FILE_REPLAYED')
  })

  it('asks for a full one when the number is old and the request new, as from a restored backup, and finds that strange', () => {
    assert.deepEqual(judge(chain, place({ sequence: 5 }), now), { act: 'ask for full', code: 'CHAIN_BROKEN', isStrange: true })
    assert.deepEqual(judge(chain, place({ sequence: 7 }), now), { act: 'ask for full', code: 'CHAIN_BROKEN', isStrange: true })
  })

  it('asks for a full one when a number or a hash is missing in between', () => {
    assert.equal(verdict({ sequence: 9 }), 'ask for full: CHAIN_BROKEN')
    assert.equal(verdict({ prevHash: 'r6' }), 'ask for full: CHAIN_BROKEN')
    assert.equal(verdict({ prevHash: null, isFull: true }), 'ask for full: CHAIN_BROKEN')
  })

  it('begins a new chain for a full one with a token that is good', () => {
    assert.equal(verdict({ prevHash: null, isFull: true, tokenSequence: 7 }), 'process')
    assert.equal(verdict({ prevHash: null, isFull: false, tokenSequence: 7 }), 'ask for full: CHAIN_BROKEN')
    assert.equal(verdict({ prevHash: null, isFull: true, tokenSequence: 6 }), 'ask for full: CHAIN_BROKEN')
  })

  it('asks for a full one when the clocks are more than 24 hours apart, and takes it then', () => {
    assert.equal(verdict({ createdAt: now.getTime() - 24 * hour }), 'process')
    assert.equal(verdict({ createdAt: now.getTime() - 24 * hour - 1 }), 'ask for full: CLOCK_SHIFT')
    assert.equal(verdict({ createdAt: now.getTime() + 25 * hour }), 'ask for full: CLOCK_SHIFT')
    assert.equal(verdict({ createdAt: 0, prevHash: null, isFull: true, tokenSequence: 7 }), 'process')
    assert.equal(verdict({ notAfter: now.getTime() - 1, prevHash: null, isFull: true, tokenSequence: 7 }), 'ask for full: CLOCK_SHIFT')
  })
})

type Request = { hash: string; sequence: number; prevHash: string | null; isFull: boolean; token: string | null }
type Response = { to: string; sequence: number; hash: string; ask?: { lastSequence: number; token: string } }

/** Both sides, as far as their chains go. What a server forgets in a restored backup is all of `server`. */
class World {
  server: { chain: ServerChain; resynchronization: Resynchronization | undefined; outstanding: string | undefined } = {
    chain: { sequence: 0, chainHash: 'r0' },
    resynchronization: undefined,
    outstanding: undefined,
  }
  cloud = {
    chain: { lastSequence: 0, lastRequestHash: 'q0', chainHash: 'r0' },
    last: undefined as Response | undefined,
    token: '',
    tokenAt: 0,
  }
  seen = new Set(['q0'])
  applied: string[] = []
  requests: Request[] = []
  responses: Response[] = []
  backups: string[] = []
  count = 0

  prepare() {
    const next = nextExchange(this.server.chain, this.server.resynchronization, { kind: 'standard', reason: 'MANUAL' })
    const { sequence, prevHash, resyncToken, kind } = next
    const request = { hash: `q${++this.count}`, sequence, prevHash, isFull: kind === 'full', token: resyncToken }
    this.server.outstanding = request.hash
    this.requests.push(request)
    return request
  }

  arrive(request: Request): Response {
    const { cloud } = this
    const tokenSequence = request.token !== null && request.token === cloud.token ? cloud.tokenAt : undefined
    const facts = place({ ...request, wasSeen: this.seen.has(request.hash), tokenSequence })
    const { act } = judge(cloud.chain, facts, now)
    if (act === 'repeat') return cloud.last!
    if (act === 'reject') return this.answer(request, {})
    if (act === 'ask for full') {
      Object.assign(cloud, { token: `t${++this.count}`, tokenAt: cloud.chain.lastSequence })
      return this.answer(request, { ask: { lastSequence: cloud.tokenAt, token: cloud.token } })
    }
    this.applied.push(request.hash)
    this.seen.add(request.hash)
    cloud.token = ''
    cloud.last = this.answer(request, {})
    cloud.chain = { lastSequence: request.sequence, lastRequestHash: request.hash, chainHash: cloud.last.hash }
    return cloud.last
  }

  answer(request: Request, more: Partial<Response>): Response {
    const response = { to: request.hash, sequence: request.sequence, hash: `r${++this.count}`, ...more }
    this.responses.push(response)
    return response
  }

  /** Says whether the exchange was applied. */
  apply(response: Response): boolean {
    const { server } = this
    if (server.outstanding !== response.to) return false
    server.outstanding = undefined
    if (response.ask) {
      server.resynchronization = { reason: reasonAfter('CHAIN_BROKEN'), ...response.ask }
      return false
    }
    if (!this.applied.includes(response.to)) return false
    server.chain = { sequence: response.sequence, chainHash: response.hash }
    server.resynchronization = undefined
    return true
  }
}

const pick = <T>(items: T[], at: number): T | undefined => items[at % Math.max(items.length, 1)]

/** What goes wrong between a server, a courier and a cloud. */
const accidents: Record<string, (world: World, at: number) => unknown> = {
  'an exchange goes well': world => world.apply(world.arrive(world.prepare())),
  'a request never arrives': world => world.prepare(),
  'an answer is lost': world => world.arrive(world.prepare()),
  'an old request is carried again': (world, at) => {
    const request = pick(world.requests, at)
    if (request) world.apply(world.arrive(request))
  },
  'an old response is uploaded again': (world, at) => {
    const response = pick(world.responses, at)
    if (response) world.apply(response)
  },
  'a backup is taken': world => world.backups.push(JSON.stringify(world.server)),
  'a backup is restored': (world, at) => {
    const backup = pick(world.backups, at)
    if (backup) world.server = JSON.parse(backup)
  },
}

describe('a server and a cloud, whatever happens between them', () => {
  const anyLife = fc.array(fc.tuple(fc.constantFrom(...Object.keys(accidents)), fc.nat(60)), { maxLength: 60 })

  it('never apply a request twice, and are in step again after at most two exchanges more', () => {
    fc.assert(
      fc.property(anyLife, life => {
        const world = new World()
        for (const [name, at] of life) accidents[name]!(world, at)
        assert.equal(new Set(world.applied).size, world.applied.length)
        const healed = world.apply(world.arrive(world.prepare())) || world.apply(world.arrive(world.prepare()))
        assert.ok(healed)
        assert.equal(world.server.chain.sequence, world.cloud.chain.lastSequence)
        assert.equal(world.server.chain.chainHash, world.cloud.chain.chainHash)
      }),
      { numRuns: 1500 },
    )
  })
})
