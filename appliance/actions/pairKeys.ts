import { X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { makeFolder } from '../../src/folders.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { issueNode, makeAuthority, newKey, requestFor } from '../ha/keys.ts'
import { type Pair, pairSettings } from '../ha/pair.ts'
import { pairPlaces } from '../ha/places.ts'
import { checkAddresses, checkNetwork } from '../ha/setup/checks.ts'
import { keyLine } from '../ha/setup/handedOut.ts'
import { stageOf } from '../ha/setup/stage.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { consoleUser } from './people.ts'
import { fingerprintOf } from './sftp.ts'
import { publicKey } from './sshKeys.ts'

const address = z.union([z.ipv4(), z.ipv6()])
const name = z.string().regex(/^[a-z][a-z\d-]{0,30}$/, 'A node is named by small letters, digits and "-".')

/** Where sshd finds what the standby is let in by. */
export const standbyKeyFile = ({ folders }: Machine) => join(folders.authorizedKeys, `${consoleUser}.pair`)

export const generateKeys = action({
  name: 'ha_generatekeys',
  subject: 'high availability',
  sentence: 'Make the keys that the two servers of a pair know each other by; the first of three steps, on the server that is to be active',
  input: z.strictObject({
    address: address.describe('the address of this machine'),
    peer_address: address.describe('the address of the machine that is to be the standby'),
    virtual_address: address.describe('the address that people and products are to use'),
    standby_key: publicKey.describe('what "ssh_key own" shows on the other machine, in quotes'),
    second_address: z.union([z.cidrv4(), z.cidrv6()]).optional().describe('one of the other family beside it, with its prefix'),
    gateway: address.optional().describe('what both machines always reach; the default gateway if left out'),
    fence: z.enum(['gateway', 'strict', 'witness']).optional().describe('what a node asks before it goes on without the other'),
    witness: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('where the witness is, for the fence "witness"'),
    node: name.default('node-a').describe('the name of this machine in the pair'),
    peer: name.default('node-b').describe('the name of the other one'),
  }),
  positionals: ['address', 'peer_address', 'virtual_address', 'standby_key'],
  profiles,
  callers: ['console'],
  async run(given, machine) {
    refuseUnless(stageOf(machine.folders) !== 'pair', 'CONFLICT', 'This server is of a pair already. "ha_teardown" ends it.')
    refuseUnless(given.node !== given.peer, 'INVALID', 'The two machines have two names.', 'peer')
    const fence = given.fence ?? (given.witness ? 'witness' : machine.profile === 'stig' ? 'strict' : 'gateway')
    refuseUnless(
      (fence === 'witness') === Boolean(given.witness),
      'INVALID',
      'The fence "witness" and the address of a witness go together.',
      'witness',
    )
    const pair = await pairOf(machine, { ...given, fence })
    await checkNetwork(pair)
    const ca = await layDownKeys(machine, pair, given.standby_key)
    return {
      pair: ca.fingerprint256,
      fence,
      gateway: pair.gateway,
      interface: pair.interface,
      sshFingerprints: await ownFingerprints(machine),
      next: `On the other machine: "ha_provision_standby ${pair.node.address} FINGERPRINT", with one of these fingerprints.`,
    }
  },
})

type Given = {
  address: string
  peer_address: string
  virtual_address: string
  second_address?: string | undefined
  gateway?: string | undefined
  witness?: string | undefined
  node: string
  peer: string
  fence: Pair['fence']
}

/** The settings of the pair as this machine has them, with what it finds out itself. */
async function pairOf(machine: Machine, given: Given): Promise<Pair> {
  const node = { name: given.node, address: given.address }
  const peer = { name: given.peer, address: given.peer_address }
  const first = `${given.virtual_address}/32`
  const more = given.second_address ? [given.second_address] : []
  const found = checkAddresses({ node, peer, virtualAddresses: [first, ...more] })
  const prefix = found.subnet.split('/')[1]
  return pairSettings.parse({
    cluster: crypto.randomUUID(),
    node,
    peer,
    interface: found.name,
    virtualAddresses: [`${given.virtual_address}/${prefix}`, ...more],
    gateway: given.gateway ?? (await defaultGateway(machine, given.address.includes(':'))),
    fence: given.fence,
    witness: given.witness ? { url: given.witness } : null,
  })
}

async function defaultGateway(machine: Machine, isSix: boolean): Promise<string> {
  const { out } = await machine.run('/usr/sbin/ip', ['-j', isSix ? '-6' : '-4', 'route', 'show', 'default'])
  const [route] = JSON.parse(out || '[]') as { gateway?: string }[]
  refuseUnless(
    route?.gateway,
    'INVALID',
    'This machine has no default gateway: name an address that both machines always reach.',
    'gateway',
  )
  return route.gateway
}

/** Keys of a former attempt go: whoever was given something by them is of no pair. */
async function layDownKeys(machine: Machine, pair: Pair, standbyKey: string): Promise<X509Certificate> {
  const { keys, settings } = pairPlaces(machine.folders)
  const authority = await makeAuthority(pair.cluster)
  const key = await newKey()
  const certificate = await issueNode(authority, pair.node.name, await requestFor(pair.node.name, key))
  rmSync(keys, { recursive: true, force: true })
  makeFolder(keys)
  for (const [file, text] of Object.entries({
    'ca.pem': authority.certificate,
    'ca.key': authority.key,
    'node.pem': certificate,
    'node.key': key,
  }))
    putFile(join(keys, file), text)
  putFile(settings, `${JSON.stringify(pair, null, 2)}\n`)
  makeFolder(machine.folders.authorizedKeys, 0o755)
  putFile(standbyKeyFile(machine), keyLine(standbyKey, pair.peer.address), 0o644)
  chmodSync(standbyKeyFile(machine), 0o644)
  return new X509Certificate(authority.certificate)
}

/** What this machine's sshd shows to who has never seen it. */
async function ownFingerprints({ folders, run }: Machine): Promise<string[]> {
  const { out } = await run('/usr/sbin/sshd', ['-T'])
  const files = [...out.matchAll(/^hostkey (.+)$/gm)].map(([, file]) => `${file}.pub`)
  const wanted = files.length > 0 ? files : [join(folders.host, 'ssh/ssh_host_ecdsa_key.pub')]
  return wanted.map(file => {
    const [kind, key] = readFileSync(file, 'utf8').split(' ')
    return `${fingerprintOf(key!)} (${kind})`
  })
}
