import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { serverVersion } from '../../src/release.ts'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import { readCredentials } from '../ha/keys.ts'
import { bare, type Pair } from '../ha/pair.ts'
import { openPeer, type PeerClient } from '../ha/peer.ts'
import { pairPlaces } from '../ha/places.ts'
import { readPairStatus } from '../ha/readStatus.ts'
import { checkAddresses, checkClocks, checkNetwork, checkSpace } from '../ha/setup/checks.ts'
import { placeOn } from '../ha/setup/files.ts'
import { becomeNode, standAlone } from '../ha/setup/node.ts'
import { readPair, stageOf } from '../ha/setup/stage.ts'
import { copyProgress } from '../postgres/ownDatabase.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { standbyKeyFile } from './pairKeys.ts'

/** So long this node may take to serve again, and an agent to say something. Milliseconds. */
const patience = 180_000
const day = 86_400_000

export const deployPair = action({
  name: 'ha_deploy',
  subject: 'high availability',
  sentence: 'Make a pair of this server and its standby; the last of three steps. The server is away for some seconds',
  input: z.strictObject({}),
  profiles,
  callers: ['console'],
  job: true,
  confirm: () => 'deploy',
  async run(_input, machine) {
    const { folders } = machine
    const stage = stageOf(folders)
    refuseUnless(stage !== 'pair', 'CONFLICT', 'This server is of a pair already. "ha_status" tells how it is.')
    refuseUnless(stage === 'prepared', 'CONFLICT', 'There are no keys of a pair here: "ha_generatekeys" makes them.')
    const pair = readPair(folders)
    const peer = openPeer(pair.peer.name, pair.peer.address, pair.agentPort, readCredentials(pairPlaces(folders).keys))
    try {
      machine.tell({ step: 'checking' })
      await check(machine, pair, peer)
    } finally {
      peer.close()
    }
    try {
      await becomeNode(machine, pair, { owner: true })
      await waitUntilActive(machine)
    } catch (error) {
      machine.tell({ step: 'it did not work: this server stands alone again' })
      await standAlone(machine, 'serves')
      throw new Refusal('CONFLICT', `The pair was not set up, and this server stands alone as before. ${(error as Error).message}`)
    }
    // Nobody is given a part of this pair any more.
    rmSync(standbyKeyFile(machine), { force: true })
    rmSync(join(pairPlaces(folders).keys, 'ca.key'), { force: true })
    await waitUntilInSync(machine)
    const status = readPairStatus(pairPlaces(folders).volatile, machine.now())!
    return {
      node: status.node,
      state: status.state,
      peer: status.peer,
      replication: status.replication,
      virtualIp: bare(pair.virtualAddresses[0]!),
      says: status.sentence,
    }
  },
})

/** Once more what the standby has checked, from this side, and that it waits for this server with the same release. */
async function check(machine: Machine, pair: Pair, peer: PeerClient): Promise<void> {
  checkAddresses(pair)
  await checkNetwork(pair)
  checkSpace(placeOn(machine.folders).data, 0)
  const asked = machine.now()
  const state = await peer.state(5000)
  const away = `${pair.peer.name} (${pair.peer.address}, port ${pair.agentPort}) does not answer. Give "ha_provision_standby" on it first.`
  refuseUnless(state, 'CONFLICT', away)
  checkClocks(new Date(state.at ?? asked), asked, machine.now(), pair.peer.name)
  const releases = `This server has the release ${serverVersion}, and ${pair.peer.name} has ${state.release}. Give "ha_provision_standby" on it once more.`
  refuseUnless(state.release === serverVersion, 'CONFLICT', releases)
  refuseUnless(
    state.state === 'held' && state.epoch === 0,
    'CONFLICT',
    `${pair.peer.name} does not wait for this server: it is ${state.state}.`,
  )
}

/** Tells each new sentence of the agent until what is waited for is so; refuses when it says nothing for too long. */
async function follow(
  machine: Machine,
  isDone: (status: NonNullable<ReturnType<typeof readPairStatus>>) => boolean,
  limit: number,
  during: () => Promise<void> = async () => {},
): Promise<void> {
  const { volatile } = pairPlaces(machine.folders)
  let said = ''
  let heardAt = performance.now()
  for (const deadline = heardAt + limit; performance.now() < deadline; await pause(500)) {
    const status = readPairStatus(volatile, machine.now())
    if (status?.isFresh) heardAt = performance.now()
    refuseUnless(
      performance.now() - heardAt < patience,
      'CONFLICT',
      'The agent of the pair says nothing. "logs high-availability" may say why.',
    )
    if (!status?.isFresh) continue
    if (status.sentence !== said) machine.tell({ step: status.sentence })
    said = status.sentence
    if (isDone(status)) return
    await during()
  }
  throw new Refusal('CONFLICT', `It was not done in time; last the agent said: ${said || 'nothing'}`)
}

const waitUntilActive = (machine: Machine) => follow(machine, ({ state }) => state === 'active', patience)

/** The standby copies the database by itself; how far it is, this server's database knows. */
const waitUntilInSync = (machine: Machine) =>
  follow(
    machine,
    ({ state, mode }) => state === 'active' && mode === 'sync',
    day,
    async () => {
      const progress = await copyProgress(placeOn(machine.folders)).catch(() => undefined)
      if (progress) machine.tell({ step: 'copying the database to the standby', ...progress })
    },
  )
