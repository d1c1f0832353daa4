import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile, syncFolder } from '../../src/files.ts'
import { makeFolder } from '../../src/folders.ts'
import { serverVersion } from '../../src/release.ts'
import { Refusal, type RefusalCode, refuseUnless } from '../../src/rules/refusal.ts'
import { newKey, requestFor } from '../ha/keys.ts'
import { pairPlaces } from '../ha/places.ts'
import { putCarried } from '../ha/setup/carried.ts'
import { openFolders, putPiece } from '../ha/setup/carriedRelease.ts'
import { checkAddresses, checkClocks, checkNetwork, checkSpace } from '../ha/setup/checks.ts'
import { placeOn } from '../ha/setup/files.ts'
import { type HandedOut, type HandOutQuestion, handedOut } from '../ha/setup/handedOut.ts'
import { becomeNode, standAlone } from '../ha/setup/node.ts'
import { stageOf } from '../ha/setup/stage.ts'
import { versionPattern } from '../release/versions.ts'
import { folderOf, incomingFor, listInstalled, switchTo } from '../upgrade/installed.ts'
import { renewHelper } from '../upgrade/services.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { consoleUser } from './people.ts'
import { talk } from './sftp.ts'
import { succeed } from './succeed.ts'

export const provisionStandby = action({
  name: 'ha_provision_standby',
  subject: 'high availability',
  sentence: 'Make this server the standby of another; what it has is deleted. The second of three steps',
  input: z.strictObject({
    from: z.union([z.ipv4(), z.ipv6()]).describe('the address of the server that is to be active'),
    fingerprint: z
      .string()
      .max(100)
      .regex(/^SHA256:[\w+/]{43}$/, 'Give the fingerprint as "ha_generatekeys" shows it: SHA256:….')
      .describe('one of those that "ha_generatekeys" shows there'),
  }),
  positionals: ['from', 'fingerprint'],
  profiles,
  callers: ['console'],
  job: true,
  confirm: () => 'empty',
  async run({ from, fingerprint }, machine) {
    refuseUnless(stageOf(machine.folders) !== 'pair', 'CONFLICT', 'This server is of a pair already. "ha_teardown" ends it.')
    const asking = (question: HandOutQuestion, onPiece?: (piece: unknown) => void) =>
      askActive(machine, from, fingerprint, question, onPiece)
    const key = await newKey()
    machine.tell({ step: `asking ${from} for this machine's part of the pair` })
    const asked = machine.now()
    // The name in the request is not taken over: the other machine writes who this one is.
    const part = handedOut.parse(await asking({ action: 'ha_hand_out', input: { request: await requestFor('standby', key) } }))
    machine.tell({ step: 'checking' })
    await check(machine, part, asked, from)
    const brought = part.release === serverVersion ? undefined : await bringRelease(machine, part.release, asking)
    await take(machine, part, key)
    if (brought) await renewHelper((program, args, options) => machine.run(program, args, options))
    return {
      pair: new X509Certificate(part.ca).fingerprint256,
      node: part.pair.node.name,
      release: part.release,
      says: 'This machine waits for the other one. Compare the pair with what is shown there.',
      next: `On ${part.pair.peer.name}: "ha_deploy".`,
    }
  },
})

/** A question to the other machine's console over SSH, whose key is pinned. What it says no with is passed on; `onPiece` is told what comes before the answer. */
async function askActive(
  machine: Machine,
  host: string,
  fingerprint: string,
  question: HandOutQuestion,
  onPiece?: (piece: unknown) => void,
): Promise<unknown> {
  let outcome: { answer?: unknown; refusal?: { code: string; sentence: string }; fault?: string } = {}
  await talk(machine, { user: consoleUser, host, port: 22 }, { fingerprint }, `${JSON.stringify(question)}\n`, line => {
    const said = JSON.parse(line)
    if (said.piece) onPiece?.(said.piece)
    else outcome = said
  })
  if (outcome.refusal) throw new Refusal(outcome.refusal.code as RefusalCode, `${host} said: ${outcome.refusal.sentence}`)
  refuseUnless(outcome.answer !== undefined, 'CONFLICT', `${host} said: ${outcome.fault ?? 'nothing'}`)
  return outcome.answer
}

/** "Checks: one subnet, same release, clocks, space, ports", all of them before anything of this machine is given up. */
async function check(machine: Machine, part: HandedOut, asked: Date, from: string): Promise<void> {
  const { pair, profile, now, databaseBytes } = part
  const words = `This server has the profile ${machine.profile}, and ${from} has ${profile}: the two machines of a pair have the same.`
  refuseUnless(profile === machine.profile, 'CONFLICT', words)
  checkClocks(new Date(now), asked, machine.now(), from)
  const found = checkAddresses(pair)
  const other = `The address ${pair.node.address} is on the interface ${found.name} here, and on ${pair.interface} there: both need the same name.`
  refuseUnless(found.name === pair.interface, 'CONFLICT', other)
  await checkNetwork(pair)
  const { data } = placeOn(machine.folders)
  const own = Number.parseInt((await machine.run('/usr/bin/du', ['-sb', '--', data])).out, 10) || 0
  checkSpace(data, databaseBytes, own)
}

/** Puts the other machine's release beside the own one and switches to it: "the same release" without a file that somebody carries. */
async function bringRelease(
  machine: Machine,
  release: string,
  asking: (question: HandOutQuestion, onPiece: (piece: unknown) => void) => Promise<unknown>,
): Promise<string> {
  refuseUnless(versionPattern.test(release), 'FILE_MALFORMED', 'The other machine names no release.')
  const { releases } = machine.folders
  if (!listInstalled(releases).includes(release)) {
    machine.tell({ step: `copying the release ${release}` })
    const incoming = incomingFor(releases, release)
    rmSync(incoming, { recursive: true, force: true })
    try {
      mkdirSync(incoming, { mode: 0o755 })
      await asking({ action: 'ha_hand_release', input: {} }, piece => putPiece(incoming, piece))
      refuseUnless(existsSync(join(incoming, 'package.json')), 'FILE_MALFORMED', 'What the other machine sent is no release.')
      openFolders(incoming)
      await succeed(machine, '/usr/bin/sync', ['-f', '--', incoming], 'The release could not be written')
      renameSync(incoming, folderOf(releases, release))
      syncFolder(join(releases, 'releases'))
    } finally {
      rmSync(incoming, { recursive: true, force: true })
    }
  }
  switchTo(releases, release)
  return release
}

/** From here on what this machine had is gone. What fails on the way leaves an empty server that stands alone. */
async function take(machine: Machine, part: HandedOut, key: string): Promise<void> {
  const { keys, settings } = pairPlaces(machine.folders)
  rmSync(keys, { recursive: true, force: true })
  makeFolder(keys)
  for (const [name, text] of Object.entries({ 'ca.pem': part.ca, 'node.pem': part.certificate, 'node.key': key }))
    putFile(join(keys, name), text)
  putFile(settings, `${JSON.stringify(part.pair, null, 2)}\n`)
  try {
    await becomeNode(machine, part.pair, { owner: false })
    putCarried(machine.folders, part)
  } catch (error) {
    await standAlone(machine, 'is emptied')
    throw error
  }
}
