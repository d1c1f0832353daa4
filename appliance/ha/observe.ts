import { look } from '../postgres/ownDatabase.ts'
import type { Ground } from './ground.ts'
import type { Memory } from './memory.ts'
import { holdsVip, reachesGateway } from './network.ts'

/** One thing that is looked at again and again, by itself, so that a silent peer holds up no other look. Milliseconds between two looks. */
export type Look = { every: number; take(ground: Ground, memory: Memory): Promise<void> }

/**
 * The peer's answer, and what this standby may conclude from it: it is in sync if it streamed while the active said so. The moment that counts is
 * the one at which it asked.
 */
async function lookAtPeer({ peer, claim, pair }: Ground, memory: Memory): Promise<void> {
  const asked = performance.now()
  const answer = await peer.state()
  if (!answer || answer.node !== pair.peer.name) return
  memory.peer = answer
  memory.peerAt = asked
  const { epoch, owner } = claim.read()
  const isMine = answer.epoch === epoch && answer.owner === owner && owner === answer.node
  if (isMine && answer.state === 'active' && answer.mode === 'sync' && answer.follows === 'sync' && memory.database.streams)
    memory.inSyncAt = asked
}

async function lookAtDatabase({ place, pair }: Ground, memory: Memory): Promise<void> {
  const asked = performance.now()
  memory.database = await look(place, pair)
  if (memory.database.follows === 'sync') memory.followedAt = asked
  if (memory.database.streams) memory.streamedAt = asked
}

async function lookAtGateway({ pair }: Ground, memory: Memory): Promise<void> {
  memory.gateway = await reachesGateway(pair)
  const now = performance.now()
  if (memory.gateway) memory.gatewayAt = now
  else memory.cutOffAt = now
}

async function lookAtVip({ pair }: Ground, memory: Memory): Promise<void> {
  memory.holdsVip = await holdsVip(pair)
}

async function lookAtServer({ services }: Ground, memory: Memory): Promise<void> {
  memory.serverEnded = memory.state === 'active' && (await services.hasServerEnded())
}

async function lookAtWitness({ witness }: Ground, memory: Memory): Promise<void> {
  memory.witnessReachable = (await witness?.isReachable()) ?? false
}

/** Also taken when keepalived says that something has changed. */
export const vipLook: Look = { every: 300, take: lookAtVip }

export const looks: readonly Look[] = [
  vipLook,
  { every: 300, take: lookAtPeer },
  { every: 300, take: lookAtDatabase },
  { every: 400, take: lookAtServer },
  { every: 800, take: lookAtGateway },
  { every: 10_000, take: lookAtWitness },
]
