import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { openClaim } from '../ha/claim.ts'
import { readCredentials } from '../ha/keys.ts'
import { giveOrder } from '../ha/orders.ts'
import type { Pair } from '../ha/pair.ts'
import { openPeer } from '../ha/peer.ts'
import { pairPlaces } from '../ha/places.ts'
import { readPairStatus } from '../ha/readStatus.ts'
import { type Left, standAlone } from '../ha/setup/node.ts'
import { readPair, stageOf } from '../ha/setup/stage.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'

/** So long the active node may take to go on without a standby that leaves. Milliseconds. */
const farewell = 30_000

const words: Record<Left, string> = {
  serves: 'This server stands alone and serves. Products and people reach it by its own address: move the name to it.',
  'keeps it':
    'This server stands alone. It keeps the data of the pair and does not serve, because two servers of the same accounts would both speak to the cloud.',
  'is emptied': 'This server stands alone, empty, with the settings that it had in the pair.',
}

export const teardown = action({
  name: 'ha_teardown',
  subject: 'high availability',
  sentence:
    'Make two stand-alone servers of the pair: first on the standby, then on the active one, which goes on serving with its certificates',
  input: z.strictObject({
    empty: z.boolean().default(false).describe('on the former standby: delete what it has, and serve as a new server'),
  }),
  profiles,
  callers: ['console'],
  job: true,
  confirm: () => 'teardown',
  async run({ empty }, machine) {
    const { folders } = machine
    const stage = stageOf(folders)
    refuseUnless(stage === 'pair', 'CONFLICT', 'This server is of no pair.')
    const pair = readPair(folders)
    const isOwner = openClaim(pairPlaces(folders).state, { cluster: pair.cluster, node: pair.node.name }).read().owner === pair.node.name
    refuseUnless(!(isOwner && empty), 'CONFLICT', 'This is the server with the data of the pair: it is not emptied.', 'empty')
    if (isOwner) await refuseWhileFollowed(machine, pair)
    else await sayFarewell(machine)
    const left: Left = isOwner ? 'serves' : empty ? 'is emptied' : 'keeps it'
    await standAlone(machine, left)
    return { node: pair.node.name, says: words[left] }
  },
})

/** A standby that is left behind would take the address over. One that is dead cannot be asked, and is no hindrance. */
async function refuseWhileFollowed({ folders }: Machine, { peer, agentPort }: Pair): Promise<void> {
  const client = openPeer(peer.name, peer.address, agentPort, readCredentials(pairPlaces(folders).keys))
  const state = await client.state(5000)
  client.close()
  refuseUnless(!state, 'CONFLICT', `${peer.name} is of the pair still: give "ha_teardown" there first.`)
}

/** A standby out for maintenance does not take over, and the active one waits for it no longer; one whose agent is dead has nobody to tell. */
async function sayFarewell(machine: Machine): Promise<void> {
  const { volatile } = pairPlaces(machine.folders)
  const state = () => readPairStatus(volatile, machine.now())
  if (!['standby', 'held'].includes(state()?.state ?? '') || !state()?.isFresh) return
  machine.tell({ step: 'telling the active server' })
  giveOrder(volatile, 'maintenance')
  for (const deadline = performance.now() + farewell; performance.now() < deadline; await pause(200))
    if (state()?.state === 'maintenance') break
  // The active one asks every third of a second, and goes on alone three seconds after it has stopped following.
  await pause(2000)
}
