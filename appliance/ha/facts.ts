export type NodeState = 'held' | 'standby' | 'active' | 'isolated' | 'failed' | 'rejoining' | 'maintenance' | 'conflict'
export type Mode = 'sync' | 'alone'
export type DatabaseState = 'stopped' | 'starting' | 'primary' | 'standby'

/** What is written to the disk before it is acted on. `owner`: the node whose database is the truth of this epoch. */
export type Claim = { epoch: number; owner: string | null; mode: Mode }

/** What the other agent says of itself. `follows`: how its own peer follows it; `eligible`: whether it would promote. */
export type PeerFacts = Claim & {
  node: string
  state: NodeState
  database: DatabaseState
  follows: Following
  eligible: boolean
  release: string
  /** Whether its server has loaded and waits for its database to be promoted; an older release does not say. */
  serverWaits?: boolean | undefined
  at?: string | undefined
}

/** How the peer follows this node's database: not at all, asynchronously, or in sync, so that commits wait for it. */
export type Following = 'no' | 'streaming' | 'sync'

export const orders = ['go alone', 'switchover', 'maintenance', 'end maintenance'] as const
/** An operator's word, given at the console. */
export type Order = (typeof orders)[number]

/** Everything that a turn decides by; nothing else is looked at. Times are milliseconds that have passed; Infinity: never. */
export type Facts = {
  self: string
  state: NodeState
  inState: number
  claim: Claim
  fence: 'witness' | 'gateway' | 'strict'
  release: string
  database: DatabaseState
  holdsVip: boolean
  /** This node's database streams from the peer's. */
  streams: boolean
  follows: Following
  /** The server of this node ended by itself, and is about to be started again. */
  serverEnded: boolean
  lagBytes: number
  gateway: boolean
  sinceGateway: number
  /** Since the gateway was last found gone. */
  sinceCutOff: number
  /** Its latest answer; undefined when it does not answer. */
  peer: PeerFacts | undefined
  sincePeer: number
  /** Since the peer was last seen in sync with this node. */
  sinceFollowed: number
  /** Since this standby last knew itself in sync with the active. */
  sinceInSync: number
  sinceStreamed: number
  vetoed: boolean
  order: Order | undefined
}

export type Deed =
  | 'stop the server'
  | 'stop the database'
  | 'start as primary'
  | 'promote'
  | 'finish the promotion'
  | 'serve'
  | 'have the server wait'
  | 'go alone'
  | 'return to sync'
  | 'take the epoch over'
  | 'take the epoch up'
  | 'follow the peer'
  | 'hand over'
  | 'keep a copy'

/** One line of the table: from a state, when, to a state, why, by which deeds. */
export type Row = {
  from: readonly NodeState[]
  when(facts: Facts): boolean
  to: NodeState
  because: string
  deeds: readonly Deed[]
}
