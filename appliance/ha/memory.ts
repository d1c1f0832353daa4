import type { DatabaseLook } from '../postgres/ownDatabase.ts'
import type { Claim, Facts, NodeState, Order, PeerFacts } from './facts.ts'

/** What an agent remembers from turn to turn: the latest looks, and when something was last so. Times are `performance.now()`. */
export type Memory = {
  state: NodeState
  enteredAt: number
  database: DatabaseLook
  serverEnded: boolean
  holdsVip: boolean
  gatewayAt: number
  gateway: boolean
  /** When a look last found the gateway gone. */
  cutOffAt: number
  peer: PeerFacts | undefined
  peerAt: number
  followedAt: number
  inSyncAt: number
  streamedAt: number
  vetoedUntil: number
  order: Order | undefined
  witnessReachable: boolean
  /** The latest sentences, the newest first. */
  history: { at: string; sentence: string }[]
}

/** An agent that has just been started: "HELD (boot, always)". What it has never seen, it has never seen. */
export const freshMemory = (now: number): Memory => ({
  state: 'held',
  enteredAt: now,
  database: { state: 'stopped', streams: false, follows: 'no', lagBytes: 0, serverWaits: false },
  serverEnded: false,
  holdsVip: false,
  gatewayAt: -Infinity,
  gateway: false,
  cutOffAt: -Infinity,
  peer: undefined,
  peerAt: -Infinity,
  followedAt: -Infinity,
  inSyncAt: -Infinity,
  streamedAt: now,
  vetoedUntil: -Infinity,
  order: undefined,
  witnessReachable: false,
  history: [],
})

/** What a turn decides by. An answer of the peer that is older than three seconds is none. */
export function factsOf(memory: Memory, claim: Claim, fixed: Pick<Facts, 'self' | 'fence' | 'release'>, now: number): Facts {
  const { state, database, holdsVip, gateway, order } = memory
  const sincePeer = now - memory.peerAt
  return {
    ...fixed,
    state,
    inState: now - memory.enteredAt,
    claim,
    database: database.state,
    holdsVip,
    streams: database.streams,
    follows: database.follows,
    serverEnded: memory.serverEnded,
    lagBytes: database.lagBytes,
    gateway,
    sinceGateway: now - memory.gatewayAt,
    sinceCutOff: now - memory.cutOffAt,
    peer: sincePeer < 3000 ? memory.peer : undefined,
    sincePeer,
    sinceFollowed: now - memory.followedAt,
    sinceInSync: now - memory.inSyncAt,
    sinceStreamed: now - memory.streamedAt,
    vetoed: now < memory.vetoedUntil,
    order,
  }
}

/** Takes a new state, which begins now. */
export function enter(memory: Memory, state: NodeState, now: number): void {
  if (memory.state === state) return
  memory.state = state
  memory.enteredAt = now
  memory.streamedAt = now
}

/** Keeps a sentence, once for as long as it is said. */
export function remember(memory: Memory, sentence: string, at: Date): boolean {
  if (memory.history[0]?.sentence === sentence) return false
  memory.history = [{ at: at.toISOString(), sentence }, ...memory.history].slice(0, 20)
  return true
}
