import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './ground.ts'
import type { Memory } from './memory.ts'
import { bare } from './pair.ts'
import { factsNow } from './turn.ts'

export type PairStatus = ReturnType<typeof statusOf>

/** What the High availability page, `ha_status` and the alerts are told. */
export function statusOf(ground: Ground, memory: Memory, at: Date) {
  const { pair, witness, release } = ground
  const facts = factsNow(ground, memory)
  const isActive = facts.state === 'active'
  const replication = facts.follows === 'sync' || (facts.streams && facts.claim.mode === 'sync') ? 'synchronous' : 'asynchronous'
  return {
    at: at.toISOString(),
    node: facts.self,
    peer: pair.peer.name,
    state: facts.state,
    epoch: facts.claim.epoch,
    mode: isActive || facts.state === 'standby' ? facts.claim.mode : null,
    virtualIp: bare(pair.virtualAddresses[0]!),
    sentence: memory.history[0]?.sentence ?? 'The agent has just been started.',
    lagBytes: isActive && facts.follows !== 'no' ? facts.lagBytes : null,
    replication: facts.follows === 'no' && !facts.streams ? 'none' : replication,
    /** On a standby: whether its server is loaded, so that it serves as soon as it may. */
    serverWaits: facts.state === 'standby' ? memory.database.serverWaits : null,
    fence: pair.fence,
    witness: witness ? { url: witness.url, reachable: memory.witnessReachable } : null,
    release,
    peerRelease: facts.peer?.release ?? null,
    history: memory.history,
  }
}

/** Lays the status where the server reads it. It lasts no longer than the machine runs, so it is whole, but not forced to the disk. */
export function writeStatus(ground: Ground, memory: Memory): void {
  const file = join(ground.volatile, 'status.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(statusOf(ground, memory, new Date()))}\n`)
  chmodSync(`${file}.new`, 0o644)
  renameSync(`${file}.new`, file)
}
