import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Order } from '../../../appliance/ha/facts.ts'
import { kill, type Network } from './network.ts'
import type { TestNode, TestPair } from './nodes.ts'

/** The pair at the moment of a fault: who serves and who stands by. */
export type Scene = { network: Network; pair: TestPair; active: TestNode; standby: TestNode; order(node: TestNode, order: Order): void }

/** Something that goes wrong, and how it ends; `wait` are seconds between the two. */
export type Fault = { name: string; begin(scene: Scene): void; wait: number; end?(scene: Scene): void }

const postmaster = ({ file }: TestNode) => Number.parseInt(readFileSync(join(file.place.data, 'postmaster.pid'), 'utf8'), 10)
const powerOff = ({ network }: Scene, node: TestNode) => {
  network.cable(node.name, false)
  node.die()
}
const powerOn = ({ network }: Scene, node: TestNode) => {
  network.cable(node.name, true)
  node.boot()
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
]
