import { nearBytes, times } from './pair.ts'

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

const isOwner = ({ claim, self }: Facts) => claim.owner === self
const peerIsActive = ({ peer }: Facts) => peer?.state === 'active'
/** The peer owns a later epoch: what this node has may only follow. */
const peerIsAhead = ({ peer, claim }: Facts) => peer !== undefined && peer.epoch > claim.epoch && peer.owner === peer.node
/** Both own the same epoch: what must never be, and is only possible with the fence `gateway` where two nodes with clients do not see each other. */
const bothOwn = (facts: Facts) => isOwner(facts) && facts.peer?.owner === facts.peer?.node && facts.peer?.epoch === facts.claim.epoch
/** Of two owners the one with the virtual address stays, else the one whose name comes first. */
const yields = (facts: Facts) => bothOwn(facts) && peerIsActive(facts) && !facts.holdsVip && facts.peer!.node < facts.self
/** The peer gave way for an epoch of this node's that it went down before it wrote. */
const peerKnowsMore = ({ peer, claim, self }: Facts) => peer !== undefined && peer.owner === self && peer.epoch > claim.epoch
const mayReturn = (facts: Facts) =>
  isOwner(facts) && facts.peer !== undefined && (facts.peer.epoch <= facts.claim.epoch || peerKnowsMore(facts)) && !bothOwn(facts)

/**
 * Since the standby was last seen in sync, this node was active without a break and never cut off, so it held the virtual address, and the standby had
 * no reason to promote. Where it was not, the standby may have promoted, acknowledged and died: no time that passes makes that untrue.
 */
const heldTheAddress = ({ sinceFollowed, inState, sinceCutOff }: Facts) => sinceFollowed <= inState && sinceCutOff > sinceFollowed

/**
 * The pair as a table: the first row that fits is done; none is a turn without a change. "HA is a table with the reason in it; each turn returns a
 * sentence." A deed may still refuse (a promotion that a fresh look forbids), and then the state stays.
 */
export const table: readonly Row[] = [
  // An operator's word.
  {
    from: ['held', 'isolated'],
    when: facts => facts.order === 'go alone' && !peerIsActive(facts) && !peerIsAhead(facts),
    to: 'active',
    because: 'An operator gave the word to go on alone.',
    deeds: ['go alone', 'start as primary', 'serve'],
  },
  {
    from: ['active'],
    when: facts => facts.order === 'go alone' && facts.claim.mode === 'sync' && facts.follows !== 'sync',
    to: 'active',
    because: 'An operator gave the word to go on alone.',
    deeds: ['go alone'],
  },
  {
    from: ['active'],
    when: facts => facts.order === 'switchover',
    to: 'rejoining',
    because: 'An operator asked for a switchover: the other node takes over.',
    deeds: ['hand over'],
  },
  {
    from: ['standby', 'held'],
    when: ({ order, database }) => order === 'maintenance' && database !== 'primary',
    to: 'maintenance',
    because: 'An operator took this node out for maintenance.',
    deeds: ['stop the server'],
  },
  {
    from: ['maintenance'],
    when: ({ order }) => order === 'end maintenance',
    to: 'held',
    because: 'Maintenance is over.',
    deeds: [],
  },

  // A later epoch elsewhere: this node never serves again before it has followed it.
  {
    from: ['active', 'failed', 'isolated', 'held'],
    when: facts => peerIsAhead(facts) && facts.claim.mode === 'sync' && (facts.state !== 'held' || peerIsActive(facts)),
    to: 'rejoining',
    because: 'The other node owns a later epoch; nothing was acknowledged here that it does not have.',
    deeds: ['stop the server', 'stop the database'],
  },
  {
    from: ['active', 'failed', 'isolated', 'held'],
    when: facts =>
      (peerIsAhead(facts) && isOwner(facts) && (facts.state !== 'held' || peerIsActive(facts))) ||
      (yields(facts) && facts.state === 'active'),
    to: 'conflict',
    because: 'Both nodes were active without each other; the other one stays, and what is here is kept aside.',
    deeds: ['stop the server', 'stop the database', 'keep a copy'],
  },
  {
    from: ['conflict'],
    when: peerIsActive,
    to: 'rejoining',
    because: 'A copy of what was here is kept; this node follows the other again.',
    deeds: [],
  },

  // At boot, always held.
  {
    from: ['held'],
    when: facts => facts.database === 'primary' && isOwner(facts) && !peerIsActive(facts) && !peerIsAhead(facts),
    to: 'active',
    because: 'The agent was started again and found its database serving.',
    deeds: ['serve'],
  },
  {
    from: ['held'],
    when: facts => facts.database === 'standby' && isOwner(facts) && !peerIsActive(facts) && !peerIsAhead(facts),
    to: 'active',
    because: 'The agent was started again in the middle of a promotion, which is brought to its end.',
    deeds: ['finish the promotion', 'serve'],
  },
  {
    from: ['held'],
    when: facts => facts.database === 'standby' && !isOwner(facts),
    to: 'standby',
    because: 'The agent was started again and found its database following.',
    deeds: ['stop the server'],
  },
  {
    from: ['held'],
    when: facts => peerIsActive(facts) && !isOwner(facts),
    to: 'rejoining',
    because: 'The other node is active.',
    deeds: ['stop the server'],
  },
  {
    from: ['held'],
    when: facts => facts.database === 'stopped' && mayReturn(facts) && !peerIsActive(facts),
    to: 'active',
    because: 'Both nodes are here, and this one owns the latest epoch.',
    deeds: ['start as primary', 'serve'],
  },
  {
    from: ['held'],
    when: facts =>
      facts.database === 'stopped' &&
      isOwner(facts) &&
      facts.claim.mode === 'alone' &&
      !facts.peer &&
      facts.inState >= times.hello &&
      facts.gateway,
    to: 'active',
    because: 'This node was alone when it went down, so it has everything that was acknowledged.',
    deeds: ['start as primary', 'serve'],
  },

  // The standby.
  {
    from: ['standby'],
    when: ({ database }) => database === 'stopped',
    to: 'held',
    because: 'The database of this standby is down.',
    deeds: ['stop the server'],
  },
  {
    from: ['standby'],
    when: facts => facts.holdsVip && !facts.vetoed && facts.database === 'standby',
    to: 'active',
    because: 'The active node is gone, and this node holds the virtual address.',
    deeds: ['promote', 'serve'],
  },
  {
    from: ['standby'],
    when: facts =>
      peerIsActive(facts) &&
      facts.streams &&
      (facts.peer!.epoch > facts.claim.epoch || (facts.peer!.epoch === facts.claim.epoch && facts.peer!.mode !== facts.claim.mode)) &&
      facts.peer!.owner === facts.peer!.node,
    to: 'standby',
    because: 'The active node began a new epoch.',
    deeds: ['take the epoch over'],
  },
  {
    from: ['standby'],
    when: facts => peerIsActive(facts) && !facts.streams && facts.sinceStreamed >= times.lost,
    to: 'rejoining',
    because: 'This node does not get on with following the active one, and is set up anew.',
    deeds: [],
  },

  // The active.
  {
    from: ['active'],
    when: facts => isOwner(facts) && peerKnowsMore(facts),
    to: 'active',
    because: 'The other node knows a later epoch of this one.',
    deeds: ['take the epoch up'],
  },
  {
    from: ['active'],
    when: ({ database }) => database === 'stopped',
    to: 'failed',
    because: 'The database of the active node is dead.',
    deeds: ['stop the server', 'stop the database'],
  },
  {
    from: ['active'],
    when: ({ database }) => database === 'standby',
    to: 'active',
    because: 'The promotion was not at its end.',
    deeds: ['finish the promotion', 'serve'],
  },
  {
    from: ['active'],
    when: facts =>
      facts.claim.mode === 'sync' &&
      !facts.gateway &&
      facts.sinceGateway >= times.isolated &&
      facts.sincePeer >= times.isolated &&
      facts.follows !== 'sync',
    to: 'isolated',
    because: 'Neither the gateway nor the other node can be reached.',
    deeds: ['stop the server', 'stop the database'],
  },
  {
    from: ['active'],
    when: facts =>
      facts.claim.mode === 'sync' &&
      facts.peer !== undefined &&
      facts.follows === 'no' &&
      !facts.peer.eligible &&
      Math.min(facts.sinceFollowed, facts.inState) >= times.claim,
    to: 'active',
    because: 'The standby does not follow, and says that it will not promote.',
    deeds: ['go alone'],
  },
  {
    from: ['active'],
    when: facts =>
      facts.claim.mode === 'sync' &&
      facts.gateway &&
      facts.sinceFollowed >= times.alone &&
      (facts.fence === 'witness' || (facts.fence === 'gateway' && heldTheAddress(facts))),
    to: 'active',
    because: 'The standby has been away too long to promote.',
    deeds: ['go alone'],
  },
  {
    from: ['active'],
    when: facts =>
      facts.claim.mode === 'alone' &&
      facts.follows !== 'no' &&
      facts.lagBytes < nearBytes &&
      facts.peer?.state === 'standby' &&
      facts.peer.database === 'standby',
    to: 'active',
    because: 'The standby has caught up.',
    deeds: ['return to sync'],
  },
  {
    from: ['active'],
    when: facts =>
      facts.claim.mode === 'sync' && facts.fence === 'gateway' && !facts.peer && facts.inState >= times.alone && !heldTheAddress(facts),
    to: 'active',
    because:
      'The standby is away, and may have taken over while this node was cut off or down: an operator must find out before this node goes on alone.',
    deeds: [],
  },

  // Cut off, or with a dead database.
  {
    from: ['isolated'],
    when: facts => mayReturn(facts) && !peerIsActive(facts),
    to: 'active',
    because: 'The other node answers again, and never promoted.',
    deeds: ['start as primary', 'serve'],
  },
  {
    from: ['failed'],
    when: facts =>
      !peerIsActive(facts) && (facts.inState >= times.failed || facts.claim.mode === 'alone' || facts.peer?.eligible === false),
    to: 'active',
    because: 'The other node did not take over: the database is started again here.',
    deeds: ['start as primary', 'serve'],
  },
  {
    from: ['rejoining'],
    when: facts => peerIsActive(facts) && facts.peer!.database === 'primary',
    to: 'standby',
    because: 'This node follows the active one.',
    deeds: ['follow the peer'],
  },
  {
    from: ['rejoining'],
    when: facts => !peerIsActive(facts) && facts.inState >= times.hello,
    to: 'held',
    because: 'There is no active node to follow.',
    deeds: [],
  },
]

/** The row of the table that fits, or undefined: nothing is to change. */
export const decide = (facts: Facts): Row | undefined => table.find(row => row.from.includes(facts.state) && row.when(facts))

/** Whether this standby may hold the virtual address: in sync a moment ago, and nothing against it. */
export const isEligible = (facts: Omit<Facts, 'order'>): boolean =>
  facts.state === 'standby' &&
  facts.database === 'standby' &&
  facts.claim.mode === 'sync' &&
  facts.claim.owner !== facts.self &&
  facts.sinceInSync < times.promote &&
  !facts.vetoed

/** Whether keepalived may hold the virtual address here. */
export const mayHoldVip = (facts: Facts): boolean => facts.state === 'active' || (isEligible(facts) && facts.gateway)

/** What a fresh look found, all of it asked for at the moment of the decision. */
export type FreshLook = { gateway: boolean; vipIsFree: boolean; peer: PeerFacts | undefined }

/**
 * Why this standby must not promote, or undefined: "only the agent of the STANDBY, on VRRP MASTER (or on an explicit hand-over), after all of:
 * last in-sync < T_promote and mode SYNC; fresh gateway ping (not cached); peer agent does not answer 'ACTIVE and healthy'; nobody answers
 * arping -D VIP". The witness is asked after these.
 */
export function whyNotPromote(facts: Facts, look: FreshLook): string | undefined {
  if (facts.claim.owner === facts.self) return 'this node owns the epoch already'
  if (facts.claim.mode !== 'sync') return 'the active node goes on alone, so this one lacks what it acknowledged'
  if (facts.sinceInSync >= times.promote) return 'this node has not been in sync for too long'
  if (!look.gateway) return 'the gateway does not answer'
  if (look.peer?.state === 'active') return 'the active node answers and is well'
  if (look.peer && look.peer.epoch > facts.claim.epoch) return 'the other node owns a later epoch'
  if (!look.vipIsFree) return 'somebody answers for the virtual address'
  return undefined
}

/** How a node may go on alone: by the peer's own word, by the witness, by the time that has passed, by the operator's word; or why not. */
export function wayToGoAlone(facts: Facts, peerGaveWay: boolean): 'peer' | 'witness' | 'time' | 'word' | { refused: string } {
  if (peerGaveWay) return 'peer'
  if (facts.order === 'go alone') return 'word'
  if (facts.fence === 'witness') return 'witness'
  if (facts.fence === 'strict') return { refused: 'by the setting "strict" it takes an operator\'s word' }
  if (!facts.gateway) return { refused: 'the gateway does not answer' }
  if (!heldTheAddress(facts)) return { refused: 'the standby may have promoted while this node was cut off or down' }
  if (facts.sinceFollowed < times.alone) return { refused: 'the standby may still promote' }
  return 'time'
}
