import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { giveOrder } from '../../../appliance/ha/orders.ts'
import { type Fault, faults, type Scene } from '../../support/ha/faults.ts'
import { makeNetwork } from '../../support/ha/network.ts'
import { makePair, type TestNode, type TestPair } from '../../support/ha/nodes.ts'

/**
 * `npm run ha:try`: a pair in network namespaces with real keepalived and PostgreSQL, a client that writes through the virtual address, and one fault after
 * another, drawn from a seed. A ledger of what was acknowledged decides. As root.
 */
const { values } = parseArgs({ options: { seed: { type: 'string' }, rounds: { type: 'string' }, each: { type: 'boolean' } } })
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const random = (state => () => {
  state = (state * 1103515245 + 12345) % 2 ** 31
  return state / 2 ** 31
})(seed)

const both = ({ a, b }: TestPair) => [a, b]
const nodeWith = (pair: TestPair, state: string) => both(pair).find(node => node.status()?.state === state)
const inSync = (pair: TestPair) =>
  both(pair).every(node => node.status()?.mode === 'sync' && Date.now() - Date.parse(node.status()!.at) < 3000) &&
  nodeWith(pair, 'active') &&
  nodeWith(pair, 'standby')

async function waitFor(what: string, condition: () => unknown, seconds: number): Promise<number> {
  const began = Date.now()
  while (!condition()) {
    if (Date.now() - began > seconds * 1000) throw new Error(`Not within ${seconds} s: ${what}`)
    await pause(100)
  }
  return (Date.now() - began) / 1000
}

/** What the client was told is kept, with the moment. */
function startClient(network: ReturnType<typeof makeNetwork>) {
  const file = new URL('../../support/ha/client.ts', import.meta.url).pathname
  const child = spawn('ip', ['netns', 'exec', network.namespace('c'), process.execPath, file, network.virtualAddress, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: { at: number; number: number }[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    const [at, number] = line.split(' ').map(Number)
    acknowledged.push({ at: at!, number: number! })
  })
  return { acknowledged, stop: () => child.kill('SIGKILL') }
}

/** The longest time without an acknowledgement since then, in seconds. */
function outageSince(acknowledged: { at: number }[], since: number): number {
  const moments = [since, ...acknowledged.filter(({ at }) => at >= since).map(({ at }) => at)]
  return Math.max(...moments.slice(1).map((at, index) => at - moments[index]!), 0) / 1000
}

async function keptOn({ file }: TestNode): Promise<Set<number>> {
  const client = new pg.Client({ host: file.place.socket, port: file.place.port, user: 'postgres', database: 'quartermaster' })
  await client.connect()
  try {
    return new Set((await client.query('select number from kept')).rows.map(row => Number(row.number)))
  } finally {
    await client.end()
  }
}

async function oneRound(pair: TestPair, fault: Fault, acknowledged: { at: number; number: number }[]) {
  const scene: Scene = {
    network,
    pair,
    active: nodeWith(pair, 'active')!,
    standby: nodeWith(pair, 'standby')!,
    order: (node, words) => giveOrder(join(node.file.folder, 'run'), words),
  }
  const began = Date.now()
  fault.begin(scene)
  await pause(fault.wait * 1000)
  fault.end?.(scene)
  const back = await waitFor('both in sync again', () => inSync(pair), 120)
  await waitFor('an acknowledgement', () => (acknowledged.at(-1)?.at ?? 0) > Date.now() - 300, 20)
  const active = nodeWith(pair, 'active')!
  const told = acknowledged.map(({ number }) => number)
  const kept = await keptOn(active)
  const lost = told.filter(number => !kept.has(number))
  return {
    outage: outageSince(acknowledged, began),
    back,
    acknowledged: told.length,
    lost: lost.length,
    active: active.name,
    says: active.status()?.sentence,
  }
}

const network = makeNetwork(`qm${process.pid.toString(36).slice(-3)}`)
const pair = await makePair(network)
const rows = []
let failed = false
try {
  console.log(`seed ${seed}`)
  pair.a.boot()
  pair.b.boot()
  await waitFor('the pair in sync', () => inSync(pair), 120)
  const client = startClient(network)
  await waitFor('a first acknowledgement', () => client.acknowledged.length > 0, 30)
  const rounds = values.rounds ? Number(values.rounds) : faults.length
  for (let round = 0; round < rounds; round++) {
    const fault = values.rounds && !values.each ? faults[Math.floor(random() * faults.length)]! : faults[round % faults.length]!
    await pause(500 + random() * 1500)
    const result = await oneRound(pair, fault, client.acknowledged)
    rows.push({ fault: fault.name, ...result })
    console.log(
      `${fault.name}: ${result.outage.toFixed(2)} s without an acknowledgement, in sync again after ${result.back.toFixed(1)} s; ${result.acknowledged} acknowledged, ${result.lost} lost; ${result.active} is active. ${result.says}`,
    )
    failed ||= result.lost > 0
  }
  client.stop()
} catch (error) {
  failed = true
  console.log(`${(error as Error).message}`)
  for (const node of both(pair))
    console.log(`--- ${node.name}: ${JSON.stringify(node.status())}\n${node.log().split('\n').slice(-25).join('\n')}`)
} finally {
  pair.remove()
  network.remove()
}
process.exitCode = failed ? 1 : 0
