import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { refuseUnless } from '../../../src/rules/refusal.ts'
import { reachesGateway, vipIsFree } from '../network.ts'
import { bare, type Pair } from '../pair.ts'
import { interfaceWith, isInSubnet } from './subnet.ts'

/** Certificates, logs and the order of what happened rest on clocks that agree. Seconds. */
const mostApart = 5
/** Beside the database there is the log that it writes while it is copied. */
const leastFree = 1e9

/**
 * "Two nodes on one subnet, three addresses". Refuses addresses that are not three, one that this machine does not have, and what is in another
 * subnet; gives the interface.
 */
export function checkAddresses({ node, peer, virtualAddresses }: Pick<Pair, 'node' | 'peer' | 'virtualAddresses'>): {
  name: string
  subnet: string
} {
  const virtual = virtualAddresses.map(bare)
  const all = [node.address, peer.address, ...virtual]
  refuseUnless(
    new Set(all).size === all.length,
    'INVALID',
    'The two machines and the pair each take an address of their own.',
    'virtual_address',
  )
  const found = interfaceWith(node.address)
  refuseUnless(found, 'INVALID', `This machine has no address ${node.address}. "network_manager show" says which it has.`, 'address')
  for (const [field, address] of [
    ['peer_address', peer.address],
    ['virtual_address', virtual[0]!],
  ] as const)
    refuseUnless(
      isInSubnet(address, found.subnet),
      'INVALID',
      `${address} is not in the subnet ${found.subnet} of this machine: a pair is of one.`,
      field,
    )
  return found
}

/** Whether the network is as a pair needs it, asked now: the gateway answers, and nobody has the virtual address yet. */
export async function checkNetwork(pair: Pair): Promise<void> {
  const [gateway, isFree] = await Promise.all([reachesGateway(pair), vipIsFree(pair)])
  const asks = 'the pair asks it whether a node is cut off'
  refuseUnless(
    gateway,
    'CONFLICT',
    `The gateway ${pair.gateway} does not answer a ping, and ${asks}. Name another address that always answers.`,
    'gateway',
  )
  refuseUnless(
    isFree,
    'CONFLICT',
    `Somebody answers for ${bare(pair.virtualAddresses[0]!)} already: the pair needs an address that is free.`,
    'virtual_address',
  )
}

/** Refuses clocks that are more than five seconds apart; `asked` and `answered` are when the other one was asked and answered, by this clock. */
export function checkClocks(theirs: Date, asked: Date, answered: Date, who: string): void {
  const early = (asked.getTime() - theirs.getTime()) / 1000
  const late = (theirs.getTime() - answered.getTime()) / 1000
  const apart = Math.max(early, late, 0)
  const words = `The clocks of this machine and ${who} are ${Math.round(apart)} s apart: at most ${mostApart} are right. "ntp" sets who tells the time.`
  refuseUnless(apart <= mostApart, 'CONFLICT', words)
}

/** Refuses to copy a database into what has no room for it. `own`: what is given up for it. */
export function checkSpace(folder: string, bytes: number, own = 0): void {
  const { bavail, bsize } = statfsSync(dirname(folder))
  const [free, wanted] = [bavail * bsize + own, bytes * 1.2 + leastFree]
  const words = `There is not enough room for the database: ${megabytes(free)} are free, and ${megabytes(wanted)} are needed.`
  refuseUnless(free >= wanted, 'CONFLICT', words)
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`
