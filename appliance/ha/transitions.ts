import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  applyStandbyName,
  checkpoint,
  dropSlots,
  endOf,
  ensureSlot,
  look,
  nameStandby,
  promote as promoteDatabase,
} from '../postgres/ownDatabase.ts'
import { copyAfresh, markStandby, rewind, unmarkStandby, waysToFollow } from '../postgres/rejoin.ts'
import { wayToGoAlone, whyNotPromote } from './checks.ts'
import type { Claim, Deed, Facts } from './facts.ts'
import type { Ground } from './ground.ts'
import type { Memory } from './memory.ts'
import { reachesGateway, vipIsFree } from './network.ts'
import { times } from './pair.ts'

/** Why a deed was not done, where that is no fault: the state stays. */
export class NotDone extends Error {}

type Doing = (ground: Ground, memory: Memory, facts: Facts) => Promise<void>

/** Nothing may have moved while a deed looked around: what was decided by is still the claim, else it is decided anew. */
function claimNext({ claim }: Ground, before: Claim, next: Claim): void {
  const { epoch, owner, mode } = claim.read()
  if (epoch !== before.epoch || owner !== before.owner || mode !== before.mode) throw new NotDone('the claim changed meanwhile')
  claim.write(next)
}

const stopServer: Doing = ({ services }) => services.stopServer()
const stopDatabase: Doing = ({ services }) => services.stopDatabase('immediate')

/** Starts what was stopped with the names that the claim says: in sync it acknowledges nothing until the standby is back. */
const startAsPrimary: Doing = async ground => {
  const { place, pair, claim, services } = ground
  const waits = claim.read().mode === 'sync'
  nameStandby(place, pair, waits)
  unmarkStandby(place)
  await services.startDatabase()
  await applyStandbyName(place, pair, waits)
  await ensureSlot(place, pair.peer.name)
}

/** "Then: persist epoch+1/SOLO (fsync) → empty sync names → pg_ctl promote -w → VERIFY → start app → CHECKPOINT." */
const promote: Doing = async (ground, memory, facts) => {
  const { pair, peer, witness, claim } = ground
  const before = claim.read()
  const [gateway, isFree, answer] = await Promise.all([reachesGateway(pair), vipIsFree(pair), peer.state(700)])
  const why = whyNotPromote({ ...facts, claim: claim.read() }, { gateway, vipIsFree: isFree, peer: answer })
  const next: Claim = { epoch: before.epoch + 1, owner: pair.node.name, mode: 'alone' }
  const refused = why ?? (witness && !(await witness.win(before, next)) ? 'the witness did not give the epoch' : undefined)
  if (refused) {
    memory.vetoedUntil = performance.now() + times.veto
    throw new NotDone(refused)
  }
  claimNext(ground, before, next)
  await finishPromotion(ground, memory, facts)
}

const finishPromotion: Doing = async ({ place, pair, say }) => {
  await applyStandbyName(place, pair, false)
  await promoteDatabase(place)
  await ensureSlot(place, pair.peer.name)
  checkpoint(place).catch(error => say('The checkpoint after the promotion failed.', { error: error.message }))
}

/** "A SOLO ack is only given after a transition that makes the standby ineligible": on the disk first, then commits no longer wait. */
const goAlone: Doing = async (ground, memory, facts) => {
  const { claim, pair, peer, witness, place } = ground
  const before = claim.read()
  const next: Claim = { epoch: before.epoch + 1, owner: pair.node.name, mode: 'alone' }
  const gaveWay = await peer.ask('give-way', { epoch: next.epoch }, 1500).catch(() => false)
  const gateway = await reachesGateway(pair)
  const way = wayToGoAlone({ ...facts, gateway }, gaveWay)
  if (typeof way === 'object') throw new NotDone(way.refused)
  if (way === 'witness' && !(await witness?.win(before, next))) throw new NotDone('the witness did not give the epoch')
  claimNext(ground, before, next)
  if (way !== 'witness') void witness?.win(before, next)
  if (memory.database.state === 'primary') await applyStandbyName(place, pair, false)
}

/** The epoch of a pair in sync begins when the database says so: commits wait first, and only then may the standby be believed. */
const returnToSync: Doing = async ground => {
  const { claim, pair, place, witness } = ground
  const before = claim.read()
  await applyStandbyName(place, pair, true)
  const deadline = performance.now() + 10_000
  while ((await look(place, pair)).follows !== 'sync') {
    if (performance.now() > deadline) {
      await applyStandbyName(place, pair, false)
      throw new NotDone('the standby did not come into sync')
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const next: Claim = { epoch: before.epoch + 1, owner: pair.node.name, mode: 'sync' }
  claimNext(ground, before, next)
  void witness?.win(before, next)
}

/** The standby's side of it: it streams from the owner of the epoch, so the epoch is its own to promote from. */
const takeEpochOver: Doing = async ({ claim }, _memory, { peer }) => {
  claim.write({ epoch: peer!.epoch, owner: peer!.owner, mode: peer!.mode })
}

/** The peer gave way for it, and this node went down before it was written: it has been this node's all the while, in the mode that it wrote last. */
const takeEpochUp: Doing = async ({ claim }, _memory, { peer }) => claim.write({ ...claim.read(), epoch: peer!.epoch })

/** Ships everything to the standby, and then lets it promote; if it does not, this node goes on as it was. */
const handOver: Doing = async (ground, memory, facts) => {
  const { peer, services, place, claim, pair } = ground
  const before = claim.read()
  const answer = await peer.state()
  if (before.mode !== 'sync' || facts.follows !== 'sync' || answer?.state !== 'standby')
    throw new NotDone('the standby is not in sync, so it cannot take over')
  if (answer.serverWaits === false)
    throw new NotDone("the standby's server is still loading, and nobody would serve meanwhile: try again in some seconds")
  if (answer.release !== facts.release)
    ground.say('The two nodes are of different releases.', { here: facts.release, there: answer.release })
  await services.stopServer()
  await services.stopDatabase('fast')
  const location = await endOf(place)
  const taken = await peer.ask('take-over', { epoch: before.epoch + 1, location }, 20_000).catch(() => false)
  if (taken) {
    claimNext(ground, before, { epoch: before.epoch + 1, owner: pair.peer.name, mode: 'alone' })
    return
  }
  // It may have promoted all the same, and only its answer was lost: in sync, what is started here acknowledges nothing without it.
  await startAsPrimary(ground, memory, facts)
  await services.startServer()
  throw new NotDone('the standby did not take over')
}

/** The ways to follow the active node, the cheapest first: as it is, when it was a standby before; rewound; copied afresh. */
const follow: Doing = async (ground, _memory, facts) => {
  const { place, pair, claim, services, peer, say } = ground
  claim.write({ epoch: Math.max(facts.peer!.epoch, claim.read().epoch), owner: facts.peer!.node, mode: 'alone' })
  await services.stopServer()
  nameStandby(place, pair, false)
  for (const way of waysToFollow(place)) {
    await services.stopDatabase('immediate')
    if (way !== 'as it is' && !(await peer.ask('checkpoint', {}, 120_000))) throw new NotDone('the active node made no checkpoint')
    try {
      await makeReady[way](place, pair, line => say('The database is being copied.', { line }))
      markStandby(place)
      await services.startDatabase()
      await dropSlots(place).catch(error => say('A slot of a former time is still there.', { why: error.message }))
      if (await streamsWithin(ground, 15_000)) return
      say('The database does not follow this way.', { way })
    } catch (error) {
      say('The database cannot follow this way.', { way, why: (error as Error).message })
    }
  }
  throw new NotDone('the database does not follow the active node')
}

const makeReady = { 'as it is': async () => {}, rewound: rewind, 'copied afresh': copyAfresh } as const

async function streamsWithin({ place, pair }: Ground, limit: number): Promise<boolean> {
  for (const deadline = performance.now() + limit; performance.now() < deadline; ) {
    if ((await look(place, pair)).streams) return true
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  return false
}

/** What both owned is never thrown away: the whole of it, before this node follows the other. */
const keepCopy: Doing = async ({ place, quarantine, say }) => {
  const copy = join(quarantine, new Date().toISOString().replaceAll(':', '-'))
  await mkdir(quarantine, { recursive: true, mode: 0o700 })
  await cp(place.data, copy, { recursive: true, preserveTimestamps: true, errorOnExist: true })
  say('What this node had without the other is kept.', { copy })
}

/** Each deed by its name in the table. Done again it changes nothing; what fails in the middle is decided anew in the next turn. */
export const transitions: Record<Deed, Doing> = {
  'stop the server': stopServer,
  'stop the database': stopDatabase,
  'start as primary': startAsPrimary,
  promote,
  'finish the promotion': finishPromotion,
  serve: ({ services }) => services.startServer(),
  'have the server wait': ({ services }) => services.startServer(),
  'go alone': goAlone,
  'return to sync': returnToSync,
  'take the epoch over': takeEpochOver,
  'take the epoch up': takeEpochUp,
  'follow the peer': follow,
  'hand over': handOver,
  'keep a copy': keepCopy,
}
