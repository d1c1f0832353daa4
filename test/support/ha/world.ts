import { isEligible, mayHoldVip, wayToGoAlone, whyNotPromote } from '../../../appliance/ha/checks.ts'
import type { Claim, Deed, Facts, PeerFacts } from '../../../appliance/ha/facts.ts'
import { enter, factsOf, freshMemory, type Memory } from '../../../appliance/ha/memory.ts'
import { decide } from '../../../appliance/ha/table.ts'

/** One node of the model: what lasts (claim, database) and what an agent remembers. Its rules are the real ones. */
export type ModelNode = {
  name: string
  isUp: boolean
  agentRuns: boolean
  memory: Memory
  claim: Claim
  hasPort: boolean
  holdsVip: boolean
  database: { runs: boolean; isStandby: boolean; waits: boolean; writes: Set<number> }
}

class Refused extends Error {}

/** Milliseconds of a step of the model. */
const step = 500

/**
 * Two nodes with the real table and the real checks, in a world of a few rules: who hears whom, what streams, what is acknowledged. It goes in steps, and in
 * each both nodes turn, in either order, and a client writes wherever it finds the virtual address.
 */
export function makeWorld(fence: Facts['fence'], die: () => boolean) {
  const node = (name: string, claim: Claim): ModelNode => ({
    name,
    isUp: true,
    agentRuns: true,
    memory: freshMemory(0),
    claim,
    hasPort: true,
    holdsVip: false,
    database: { runs: false, isStandby: false, waits: false, writes: new Set() },
  })
  const a = node('a', { epoch: 1, owner: 'a', mode: 'alone' })
  const b = node('b', { epoch: 0, owner: null, mode: 'alone' })
  const nodes = [a, b]
  const other = (one: ModelNode) => (one === a ? b : a)
  let now = 0
  let hear = true
  let count = 0
  let register = { epoch: 0, owner: null as string | null }
  const acknowledged: number[] = []

  const linked = () => hear && nodes.every(({ isUp, hasPort }) => isUp && hasPort)
  const isPrimary = ({ isUp, database }: ModelNode) => isUp && database.runs && !database.isStandby
  const streams = (one: ModelNode) =>
    linked() &&
    one.database.runs &&
    one.database.isStandby &&
    isPrimary(other(one)) &&
    [...one.database.writes].every(number => other(one).database.writes.has(number))
  const stateOf = ({ isUp, database }: ModelNode) => (!isUp || !database.runs ? 'stopped' : database.isStandby ? 'standby' : 'primary')
  const followed = (one: ModelNode) => (!isPrimary(one) || !streams(other(one)) ? 'no' : one.database.waits ? 'sync' : 'streaming')
  const factsOfNode = (one: ModelNode): Facts => factsOf(one.memory, one.claim, { self: one.name, fence, release: '1' }, now)
  const answerOf = (one: ModelNode): PeerFacts | undefined =>
    linked() && one.agentRuns
      ? {
          node: one.name,
          ...one.claim,
          state: one.memory.state,
          database: stateOf(one),
          follows: followed(one),
          eligible: isEligible(factsOfNode(one)) && one.memory.gateway,
          release: '1',
          serverWaits: stateOf(one) === 'standby',
        }
      : undefined

  function look(one: ModelNode): void {
    const { memory } = one
    const follows = followed(one)
    memory.database = { state: stateOf(one), streams: streams(one), follows, lagBytes: 0, serverWaits: stateOf(one) === 'standby' }
    if (follows === 'sync') memory.followedAt = now
    if (memory.database.streams) memory.streamedAt = now
    memory.holdsVip = one.holdsVip
    memory.gateway = one.hasPort
    if (one.hasPort) memory.gatewayAt = now
    else memory.cutOffAt = now
    const answer = answerOf(other(one))
    if (!answer) return
    memory.peer = answer
    memory.peerAt = now
    const isMine = answer.epoch === one.claim.epoch && answer.owner === one.claim.owner && answer.owner === answer.node
    if (isMine && answer.state === 'active' && answer.mode === 'sync' && answer.follows === 'sync' && streams(one)) memory.inSyncAt = now
  }

  function win(one: ModelNode, next: { epoch: number; owner: string }): boolean {
    if (!one.hasPort) return false
    if (register.epoch > one.claim.epoch) return register.epoch === next.epoch && register.owner === next.owner
    register = next
    return true
  }

  /** A node may lose its power between any two steps of a deed. */
  function mayDie(one: ModelNode): void {
    if (!die()) return
    crash(one)
    throw new Refused()
  }

  function promote(one: ModelNode, facts: Facts): void {
    const next: Claim = { epoch: one.claim.epoch + 1, owner: one.name, mode: 'alone' }
    const look = { gateway: one.hasPort, vipIsFree: !(linked() && other(one).holdsVip), peer: answerOf(other(one)) }
    if (whyNotPromote(facts, look) || (fence === 'witness' && !win(one, { epoch: next.epoch, owner: one.name }))) {
      one.memory.vetoedUntil = now + 30_000
      throw new Refused()
    }
    mayDie(one)
    one.claim = next
    mayDie(one)
    one.database.waits = false
    one.database.isStandby = false
  }

  function goAlone(one: ModelNode, facts: Facts): void {
    const peer = other(one)
    const next: Claim = { epoch: one.claim.epoch + 1, owner: one.name, mode: 'alone' }
    const mayAsk = linked() && peer.agentRuns && peer.memory.state !== 'active' && peer.claim.owner !== peer.name
    const gaveWay = mayAsk && peer.claim.epoch <= next.epoch
    if (gaveWay) peer.claim = { ...next }
    mayDie(one)
    const way = wayToGoAlone({ ...facts, gateway: one.hasPort }, gaveWay)
    if (typeof way === 'object') throw new Refused()
    if (way === 'witness' && !win(one, { epoch: next.epoch, owner: one.name })) throw new Refused()
    mayDie(one)
    one.claim = next
    one.database.waits = false
  }

  function handOver(one: ModelNode): void {
    const peer = other(one)
    if (one.claim.mode !== 'sync' || followed(one) !== 'sync' || !answerOf(peer)?.eligible) throw new Refused()
    one.database.runs = false
    mayDie(one)
    const next: Claim = { epoch: one.claim.epoch + 1, owner: peer.name, mode: 'alone' }
    if (fence === 'witness' && !win(peer, { epoch: next.epoch, owner: peer.name })) {
      one.database.runs = true
      throw new Refused()
    }
    peer.claim = next
    peer.database.isStandby = false
    peer.database.waits = false
    enter(peer.memory, 'active', now)
    mayDie(one)
    one.claim = { ...next }
  }

  const deeds: Record<Deed, (one: ModelNode, facts: Facts) => void> = {
    'stop the server': () => {},
    'stop the database': one => {
      one.database.runs = false
    },
    'start as primary': one => {
      one.database = { ...one.database, runs: true, isStandby: false, waits: one.claim.mode === 'sync' }
    },
    promote,
    'finish the promotion': one => {
      one.database.isStandby = false
      one.database.waits = false
    },
    serve: () => {},
    'have the server wait': () => {},
    'go alone': goAlone,
    'return to sync'(one) {
      one.database.waits = true
      if (followed(one) !== 'sync') {
        one.database.waits = false
        throw new Refused()
      }
      mayDie(one)
      other(one).database.writes = new Set(one.database.writes)
      one.claim = { epoch: one.claim.epoch + 1, owner: one.name, mode: 'sync' }
      if (fence === 'witness') win(one, { epoch: one.claim.epoch, owner: one.name })
    },
    'take the epoch over'(one, { peer }) {
      one.claim = { epoch: peer!.epoch, owner: peer!.owner, mode: peer!.mode }
    },
    'take the epoch up'(one, { peer }) {
      one.claim = { ...one.claim, epoch: peer!.epoch }
    },
    'follow the peer'(one, { peer }) {
      one.claim = { epoch: Math.max(peer!.epoch, one.claim.epoch), owner: peer!.node, mode: 'alone' }
      mayDie(one)
      if (!linked() || !isPrimary(other(one))) throw new Refused()
      one.database = { runs: true, isStandby: true, waits: false, writes: new Set(other(one).database.writes) }
    },
    'hand over': handOver,
    'keep a copy': () => {},
  }

  function turn(one: ModelNode): void {
    if (!one.isUp || !one.agentRuns) return
    look(one)
    const facts = factsOfNode(one)
    const row = decide(facts)
    one.memory.order = undefined
    one.memory.serverEnded = false
    if (!row) return
    try {
      for (const deed of row.deeds) {
        deeds[deed](one, facts)
        mayDie(one)
      }
      enter(one.memory, row.to, now)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }

  function crash(one: ModelNode): void {
    one.isUp = false
    one.database.runs = false
    one.holdsVip = false
  }

  /** VRRP: the address stays where it is, unless it may not; two that do not hear each other both take it. */
  function moveAddress(): void {
    const may = nodes.map(one => one.isUp && mayHoldVip(factsOfNode(one)))
    const holds = nodes.map(
      (one, index) => may[index]! && (one.holdsVip || !linked() || !(may[1 - index] && (other(one).holdsVip || index === 1))),
    )
    for (const [index, one] of nodes.entries()) one.holdsVip = holds[index]!
    if (linked() && holds[0] && holds[1]) b.holdsVip = false
  }

  /** A client writes to each primary that it reaches, the stale one too: nothing but the database stands between it and an acknowledgement. */
  function write(): void {
    for (const one of nodes.filter(each => isPrimary(each) && each.hasPort)) {
      const number = ++count
      one.database.writes.add(number)
      if (one.database.waits && followed(one) !== 'sync') continue
      if (streams(other(one))) other(one).database.writes = new Set(one.database.writes)
      acknowledged.push(number)
    }
  }

  return {
    a,
    b,
    acknowledged,
    crash,
    hear(mayHear: boolean) {
      hear = mayHear
    },
    boot(one: ModelNode) {
      if (one.isUp) return
      one.isUp = true
      one.agentRuns = true
      one.memory = freshMemory(now)
    },
    restartAgent(one: ModelNode) {
      if (!one.isUp || one.agentRuns) return
      one.agentRuns = true
      one.memory = freshMemory(now)
    },
    /** One step: the address, the writes, the turns; `first` turns first. */
    step(first: ModelNode) {
      now += step
      for (const one of nodes) if (streams(one)) one.database.writes = new Set(other(one).database.writes)
      moveAddress()
      write()
      turn(first)
      turn(other(first))
    },
  }
}

export type World = ReturnType<typeof makeWorld>
