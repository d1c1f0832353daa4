import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { giveOrder } from '../../../appliance/ha/orders.ts'
import type { Clients } from './clients.ts'
import type { Fault, Scene } from './faults.ts'
import type { Network } from './network.ts'
import type { TestNode, TestPair } from './nodes.ts'

const both = ({ a, b }: TestPair) => [a, b]
export const nodeWith = (pair: TestPair, state: string): TestNode | undefined => both(pair).find(node => node.status()?.state === state)

/** Both agents said a moment ago that the one serves, and that the other one has everything and its server is loaded. */
export const isInSync = (pair: TestPair): boolean =>
  both(pair).every(node => node.status()?.mode === 'sync' && Date.now() - Date.parse(node.status()!.at) < 3000) &&
  Boolean(nodeWith(pair, 'active') && nodeWith(pair, 'standby')?.status()?.serverWaits)

/** Waits, and gives the seconds that it took; throws with `what` when it was too long. */
export async function waitFor(what: string, condition: () => unknown, seconds: number): Promise<number> {
  const began = Date.now()
  while (!condition()) {
    if (Date.now() - began > seconds * 1000) throw new Error(`Not within ${seconds} s: ${what}`)
    await pause(100)
  }
  return (Date.now() - began) / 1000
}

/** The longest time without an acknowledgement since then, in seconds. */
function outageSince(moments: readonly number[], since: number): number {
  const counted = [since, ...moments.filter(at => at >= since)]
  return Math.max(...counted.slice(1).map((at, index) => at - counted[index]!), 0) / 1000
}

/** What one fault came to: seconds until the next acknowledgement and until both were in sync again, and what was lost. */
export type Result = { fault: string; outage: number; back: number; acknowledged: number; lost: number; active: string; says: string }

/** One fault, from a pair that is well to a pair that is well again. */
export async function oneRound(network: Network, pair: TestPair, fault: Fault, clients: Clients): Promise<Result> {
  const scene: Scene = {
    network,
    pair,
    active: nodeWith(pair, 'active')!,
    standby: nodeWith(pair, 'standby')!,
    order: (node, words) => giveOrder(join(node.file.folder, 'run'), words),
  }
  const began = Date.now()
  await fault.begin(scene)
  await pause(fault.wait * 1000)
  fault.end?.(scene)
  const back = await waitFor('both in sync again', () => isInSync(pair), 180)
  await waitFor('an acknowledgement', () => (clients.moments.at(-1) ?? 0) > Date.now() - 1000, 60)
  const active = nodeWith(pair, 'active')!
  const lost = await clients.lost(active)
  return {
    fault: fault.name,
    outage: outageSince(clients.moments, began),
    back,
    acknowledged: clients.moments.length,
    lost: lost.length,
    active: active.name,
    says: active.status()?.sentence ?? '',
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!

/** Each fault in a line: how often, median and worst time to the next acknowledgement, lost, and what the active said last. */
export function tableOf(results: readonly Result[]): string[] {
  const names = [...new Set(results.map(({ fault }) => fault))]
  const rows = names.map(name => {
    const those = results.filter(({ fault }) => fault === name)
    const outages = those.map(({ outage }) => outage)
    const lost = those.reduce((sum, each) => sum + each.lost, 0)
    const last = those.at(-1)!
    return `| ${name} | ${those.length} | ${median(outages).toFixed(2)} | ${Math.max(...outages).toFixed(2)} | ${lost} | ${last.active} active; ${last.says} |`
  })
  return ['| fault | rounds | median s to the next OK | worst | lost | state after |', '|---|---|---|---|---|---|', ...rows]
}
