import type { Facts, PeerFacts } from './facts.ts'
import { times } from './pair.ts'

/**
 * Since the standby was last seen in sync, this node was active without a break and never cut off, so it held the virtual address, and the standby had
 * no reason to promote. Where it was not, the standby may have promoted, acknowledged and died: no time that passes makes that untrue.
 */
export const heldTheAddress = ({ sinceFollowed, inState, sinceCutOff }: Facts) => sinceFollowed <= inState && sinceCutOff > sinceFollowed

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
