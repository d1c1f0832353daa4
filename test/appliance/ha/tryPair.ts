import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Clients, startFleet, startWriters } from '../../support/ha/clients.ts'
import { faults } from '../../support/ha/faults.ts'
import { makeNetwork, type Network } from '../../support/ha/network.ts'
import { makePair, type TestPair } from '../../support/ha/nodes.ts'
import { isInSync, nodeWith, oneRound, type Result, tableOf, waitFor } from '../../support/ha/round.ts'
import { realServer, writeDoor } from '../../support/ha/serving.ts'

const help = `npm run ha:try -- [--rounds N] [--seed S] [--light] [--ipv6] [--only WORDS] [--products N] [--json FILE] [--logs FOLDER]
A pair in network namespaces with real keepalived, PostgreSQL and agents, and the real server on both; products report through the virtual
addresses from a third namespace, over IPv4 and IPv6. One fault after another, each once, or N drawn by chance. The books of what products were told
decide whether anything was lost. As root.

  --light     a door of a few lines in the place of the server, which starts at once: what is measured is the pair's own
  --ipv6      VRRP speaks IPv6, and IPv4 goes along
  --only      faults with these words in their name
  --logs      keeps there what agents, servers, keepalived and databases of both nodes logged
`
const options = {
  seed: { type: 'string' },
  rounds: { type: 'string' },
  light: { type: 'boolean' },
  ipv6: { type: 'boolean' },
  only: { type: 'string' },
  products: { type: 'string' },
  json: { type: 'string' },
  logs: { type: 'string' },
  help: { type: 'boolean' },
} as const
const { values } = parseArgs({ options })
const say = (words: string) => void process.stdout.write(`${words}\n`)

/** The faults in their order, or drawn from a seed. */
function* chosen(seed: number) {
  const those = faults.filter(each => !(values.light && each.withServer) && each.name.includes(values.only ?? ''))
  if (!values.rounds) return yield* those
  let state = seed
  for (let round = 0; round < Number(values.rounds); round++) {
    state = (state * 1103515245 + 12345) % 2 ** 31
    yield those[Math.floor((state / 2 ** 31) * those.length)]!
  }
}

async function rounds(network: Network, pair: TestPair, clients: Clients, seed: number): Promise<Result[]> {
  const results: Result[] = []
  for (const fault of chosen(seed)) {
    await pause(1000)
    const result = await oneRound(network, pair, fault, clients)
    results.push(result)
    say(
      `${fault.name}: ${result.outage.toFixed(2)} s without an acknowledgement, in sync again after ${result.back.toFixed(1)} s; ${result.acknowledged} acknowledged, ${result.lost} lost; ${result.active} is active. ${result.says}`,
    )
  }
  return results
}

function keepLogs({ a, b }: TestPair, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, file } of [a, b])
    for (const log of ['agent.log', 'server.log', 'keepalived.log', 'postgres/log'])
      cpSync(join(file.folder, log), join(folder, `${name}-${basename(log, '.log')}.log`), { force: true })
}

/** Makes the pair and whoever comes to it. */
async function open(network: Network): Promise<{ pair: TestPair; start(): Clients }> {
  if (values.light) {
    const pair = await makePair(network, writeDoor)
    return { pair, start: () => startWriters(network) }
  }
  const pair = await makePair(network, realServer)
  return { pair, start: () => startFleet(network, pair, Number(values.products ?? 12)) }
}

async function main(): Promise<number> {
  if (values.help) {
    say(help)
    return 0
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const network = makeNetwork(`qm${process.pid.toString(36).slice(-3)}`, values.ipv6 ? 6 : 4)
  let opened: Awaited<ReturnType<typeof open>> | undefined
  try {
    say(`seed ${seed}`)
    opened = await open(network)
    const { pair } = opened
    pair.a.boot()
    pair.b.boot()
    await waitFor('the pair in sync', () => isInSync(pair), 180)
    const clients = opened.start()
    await waitFor('a first acknowledgement', () => clients.moments.length > 0, 60)
    const results = await rounds(network, pair, clients, seed)
    const lost = await clients.close(nodeWith(pair, 'active')!)
    for (const line of tableOf(results)) say(line)
    say(`${clients.moments.length} acknowledged in ${results.length} rounds; ${lost.length} differences between books and database.`)
    for (const difference of lost) say(`DIFFERENCE: ${difference}`)
    if (values.json)
      writeFileSync(values.json, `${JSON.stringify({ seed, acknowledged: clients.moments.length, lost, results }, null, 2)}\n`)
    return lost.length > 0 || results.some(result => result.lost > 0) ? 1 : 0
  } catch (error) {
    say((error as Error).stack ?? '')
    for (const node of opened ? [opened.pair.a, opened.pair.b] : [])
      say(`--- ${node.name}: ${JSON.stringify(node.status())}\n${node.log().split('\n').slice(-25).join('\n')}`)
    return 1
  } finally {
    if (opened && values.logs) keepLogs(opened.pair, values.logs)
    opened?.pair.remove()
    network.remove()
  }
}

process.exitCode = await main()
