import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { serverVersion } from '../../src/release.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { issueNode } from '../ha/keys.ts'
import { pairPlaces } from '../ha/places.ts'
import { carriedFiles } from '../ha/setup/carried.ts'
import { placeOn } from '../ha/setup/files.ts'
import type { HandedOut } from '../ha/setup/handedOut.ts'
import { readPair, stageOf } from '../ha/setup/stage.ts'
import { currentRelease, folderOf } from '../upgrade/installed.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'

/** So long the keys of a pair that is not set up are handed out. Milliseconds. */
const handedOutFor = 86_400_000

/** Nothing is handed out but between `ha_generatekeys` and `ha_deploy`, and not for ever. */
function refuseUnlessPrepared({ folders, now }: Machine): void {
  const words = 'This server hands out no part of a pair: give "ha_generatekeys" on it first.'
  refuseUnless(stageOf(folders) === 'prepared', 'NOT_ALLOWED', words)
  const age = now().getTime() - statSync(pairPlaces(folders).settings).mtimeMs
  refuseUnless(age < handedOutFor, 'NOT_ALLOWED', 'The keys were made more than a day ago: give "ha_generatekeys" once more.')
}

/** What the standby's console asks for over SSH: its part of the pair, with a certificate for the key that it has made. */
export const handOut = action({
  name: 'ha_hand_out',
  subject: 'high availability',
  sentence: 'Give the machine that is to be the standby its part of the pair',
  input: z.strictObject({ request: z.string().max(4000).describe("the request for the standby's certificate") }),
  profiles,
  callers: ['console'],
  hidden: true,
  async run({ request }, machine): Promise<HandedOut> {
    refuseUnlessPrepared(machine)
    const { folders } = machine
    const pair = readPair(folders)
    const { keys } = pairPlaces(folders)
    const text = (name: string) => readFileSync(join(keys, name), 'utf8')
    const authority = { certificate: text('ca.pem'), key: text('ca.key') }
    return {
      now: machine.now().toISOString(),
      release: serverVersion,
      profile: machine.profile,
      databaseBytes: await bytesOf(machine, placeOn(folders).data),
      pair: { ...pair, node: pair.peer, peer: pair.node },
      ca: authority.certificate,
      certificate: await issueNode(authority, pair.peer.name, request),
      ...carriedFiles(folders),
    }
  },
})

async function bytesOf(machine: Machine, folder: string): Promise<number> {
  const { out } = await machine.run('/usr/bin/du', ['-sb', '--', folder])
  return Number.parseInt(out, 10) || 0
}

/** Which release the standby may take: the console that passes this on sends its files after it, which everybody may read. */
export const handRelease = action({
  name: 'ha_hand_release',
  subject: 'high availability',
  sentence: 'Let the machine that is to be the standby have the release of this one',
  input: z.strictObject({}),
  profiles,
  callers: ['console'],
  hidden: true,
  async run(_input, machine) {
    refuseUnlessPrepared(machine)
    const { releases } = machine.folders
    const release = currentRelease(releases)
    return { release, folder: folderOf(releases, release) }
  },
})
