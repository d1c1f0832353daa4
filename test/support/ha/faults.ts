import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Order } from '../../../appliance/ha/facts.ts'
import { until } from '../until.ts'
import { kill, type Network } from './network.ts'
import type { TestNode, TestPair } from './nodes.ts'

/** The pair at the moment of a fault: who serves and who stands by. */
export type Scene = { network: Network; pair: TestPair; active: TestNode; standby: TestNode; order(node: TestNode, order: Order): void }

/** Something that goes wrong, and how it ends; `wait` are seconds between the two. Only `withServer`: it takes the real server. */
export type Fault = { name: string; begin(scene: Scene): void | Promise<void>; wait: number; end?(scene: Scene): void; withServer?: true }

const postmaster = ({ file }: TestNode) => Number.parseInt(readFileSync(join(file.place.data, 'postmaster.pid'), 'utf8'), 10)
const powerOff = ({ network }: Scene, node: TestNode) => {
  network.cable(node.name, false)
  node.die()
}
const powerOn = ({ network }: Scene, node: TestNode) => {
  network.cable(node.name, true)
  node.boot()
}
const isAlone = (node: TestNode) => node.status()?.state === 'active' && node.status()?.mode === 'alone'

/** Takes all room of the disk that the database is on, until it is given back. */
const filler = (node: TestNode) => join(node.file.folder, 'postgres/filler')
const fillDisk = (node: TestNode) => void spawnSync('dd', ['if=/dev/zero', `of=${filler(node)}`, 'bs=1M', 'status=none'])
const freeDisk = (node: TestNode) => rmSync(filler(node), { force: true })

/** A program of the server, started on a node and left alone. */
const startOn = ({ network }: Scene, { name, file }: TestNode, ...words: string[]) => {
  const environment = Object.entries(file.server.environment).map(([key, value]) => `${key}=${value}`)
  const start = 'echo a passphrase that is long enough | "$@" >/dev/null 2>&1 &'
  execFileSync('ip', [
    'netns',
    'exec',
    network.namespace(name),
    'env',
    ...environment,
    'sh',
    '-c',
    start,
    'start',
    process.execPath,
    ...words,
  ])
}

/** "The twelve faults of the page's matrix are the least"; those that need a witness stand in the pure model. */
export const faults: readonly Fault[] = [
  {
    name: 'power loss of the active',
    begin: scene => powerOff(scene, scene.active),
    wait: 10,
    end: scene => powerOn(scene, scene.active),
  },
  { name: 'kill -9 of the active database', begin: ({ active }) => kill(postmaster(active)), wait: 5 },
  {
    name: 'the active is cut off for 12 s',
    begin: ({ network, active }) => network.port(active.name, false),
    wait: 12,
    end: ({ network, active }) => network.port(active.name, true),
  },
  {
    name: 'the standby is cut off for 25 s',
    begin: ({ network, standby }) => network.port(standby.name, false),
    wait: 25,
    end: ({ network, standby }) => network.port(standby.name, true),
  },
  {
    name: 'power loss of the standby, 22 s',
    begin: scene => powerOff(scene, scene.standby),
    wait: 22,
    end: scene => powerOn(scene, scene.standby),
  },
  { name: 'kill -9 of the standby database', begin: ({ standby }) => kill(postmaster(standby)), wait: 8 },
  {
    name: 'kill -9 of the agent on the active, 6 s',
    begin: ({ active }) => kill(active.agentPid()!),
    wait: 6,
    end: ({ active }) => active.startAgent(),
  },
  { name: 'kill -9 of keepalived on the active', begin: ({ active }) => kill(active.keepalivedPid()!), wait: 5 },
  {
    name: 'kill -9 of the server on the active',
    begin: ({ active }) => kill(active.serverPid()!),
    wait: 6,
  },
  { name: 'switchover', begin: scene => scene.order(scene.active, 'switchover'), wait: 5 },
  {
    name: 'cold start of both',
    begin: scene => {
      powerOff(scene, scene.active)
      powerOff(scene, scene.standby)
    },
    wait: 2,
    end: scene => {
      powerOn(scene, scene.standby)
      powerOn(scene, scene.active)
    },
  },
  {
    name: 'the disk of the active is full for 15 s',
    begin: ({ active }) => fillDisk(active),
    wait: 15,
    end: ({ active }) => freeDisk(active),
  },
  {
    name: 'the disk of the standby is full for 15 s',
    begin: ({ standby }) => fillDisk(standby),
    wait: 15,
    end: ({ standby }) => freeDisk(standby),
  },
  {
    name: 'the gateway is gone for 15 s',
    begin: ({ network }) => network.gatewayAnswers(false),
    wait: 15,
    end: ({ network }) => network.gatewayAnswers(true),
  },
  {
    // A node that somebody answers for must not be taken for dead: the standby vetoes itself.
    name: 'power loss of the active while a stranger has the virtual address',
    begin: scene => {
      scene.network.stranger(true)
      powerOff(scene, scene.active)
    },
    wait: 8,
    end: scene => {
      scene.network.stranger(false)
      powerOn(scene, scene.active)
    },
  },
  {
    // "Double fault (A dies, B solo, B dies, A returns alone: must stay HELD)."
    name: 'two faults: the active dies, the other one goes on alone and dies, the first returns by itself',
    async begin(scene) {
      const { active, standby } = scene
      powerOff(scene, active)
      await until(() => isAlone(standby), 60_000)
      powerOff(scene, standby)
      powerOn(scene, active)
      await until(() => active.status()?.state === 'held', 60_000)
    },
    wait: 15,
    end(scene) {
      const { state } = scene.active.status() ?? {}
      if (state !== 'held') throw new Error(`A node that lacks what the other one acknowledged is ${state}, and not held.`)
      powerOn(scene, scene.standby)
    },
  },
  {
    name: 'power loss of the active in the middle of a backup',
    withServer: true,
    begin(scene) {
      startOn(scene, scene.active, resolve('src/server/backup.ts'), 'create')
      powerOff(scene, scene.active)
    },
    wait: 10,
    end: scene => powerOn(scene, scene.active),
  },
]
