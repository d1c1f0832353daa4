import { heldTheAddress } from './checks.ts'
import type { Facts, Row } from './facts.ts'
import { nearBytes, times } from './pair.ts'

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
    deeds: ['stop the server', 'have the server wait'],
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
    when: facts =>
      facts.serverEnded &&
      facts.claim.mode === 'sync' &&
      facts.follows === 'sync' &&
      facts.peer?.state === 'standby' &&
      facts.peer.serverWaits === true &&
      facts.inState >= times.settled,
    to: 'rejoining',
    because: 'The server of this node ended, and that of the other one is loaded: the other node takes over.',
    deeds: ['hand over'],
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
    deeds: ['follow the peer', 'have the server wait'],
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
