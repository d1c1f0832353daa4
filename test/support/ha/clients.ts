import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { reconcile } from '../../bench/soak/reconcile.ts'
import type { furnish } from '../../bench/soak/scene.ts'
import type { ClosedBooks, FleetFile } from './fleet.ts'
import type { Network } from './network.ts'
import { connectionTo, type TestNode, type TestPair } from './nodes.ts'

/** Those who come through the virtual address, in a namespace of their own. `moments`: when each acknowledgement came, in milliseconds. */
export type Clients = {
  moments: number[]
  /** What was acknowledged so far and is not in the active's database: must be nothing. */
  lost(active: TestNode): Promise<string[]>
  /** They come to an end; then everything is held against the database once more. */
  close(active: TestNode): Promise<string[]>
}

const programOf = (name: string) => new URL(name, import.meta.url).pathname
const launch = (network: Network, name: string, ...args: string[]) =>
  spawn('ip', ['netns', 'exec', network.namespace('c'), process.execPath, programOf(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Eight writers of numbers: for the small door. */
export function startWriters(network: Network): Clients {
  const child = launch(network, 'client.ts', bareOf(network), '1')
  const moments: number[] = []
  const told: number[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    const [at, number] = line.split(' ').map(Number)
    moments.push(at!)
    told.push(number!)
  })
  const lost = async (active: TestNode) => {
    const acknowledged = told.slice()
    const kept = await keptOn(active)
    return acknowledged.filter(number => !kept.has(number)).map(number => `${number} was acknowledged and is not kept.`)
  }
  return {
    moments,
    lost,
    async close(active) {
      child.kill('SIGKILL')
      return lost(active)
    },
  }
}

const bareOf = ({ virtualAddresses }: Network) => virtualAddresses[0]!.split('/')[0]!

async function keptOn({ file }: TestNode): Promise<Set<number>> {
  const client = new pg.Client({ connectionString: connectionTo(file.place) })
  await client.connect()
  try {
    return new Set((await client.query('select number from kept')).rows.map(row => Number(row.number)))
  } finally {
    await client.end()
  }
}

/**
 * Real products with the real server: over IPv4 and IPv6, both transports. While they go on, one that is in the middle of something may be ahead of its
 * books, so what is lost is decided at the end, when the books are closed.
 */
export function startFleet(network: Network, { folder, made }: TestPair<Awaited<ReturnType<typeof furnish>>>, count: number): Clients {
  const urls = network.virtualAddresses.map(each => each.split('/')[0]!).map(each => `http://${each.includes(':') ? `[${each}]` : each}`)
  const books = join(folder, 'books.json')
  const told: FleetFile = {
    ...{ urls, count, books, token: made.token, tags: made.tags },
    trust: readFileSync(join(folder, 'a/data/licensing-root.pem'), 'utf8'),
    ledger: join(folder, 'acknowledged.ndjson'),
  }
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify(told))
  const child = launch(network, 'fleet.ts', join(folder, 'fleet.json'))
  const ended = once(child, 'exit')
  const moments: number[] = []
  createInterface({ input: child.stdout }).on('line', line => void moments.push(Number(line)))
  return {
    moments,
    lost: async () => [],
    async close(active) {
      // `ip netns exec` becomes the program, so it is this child that is told.
      child.kill('SIGTERM')
      await ended
      const read: ClosedBooks = JSON.parse(readFileSync(books, 'utf8'))
      const closed = { ...read, entries: new Map(read.entries.map(entry => [entry.serialNumber, entry])) }
      return [...read.violations, ...(await reconcile({ ...made, connection: connectionTo(active.file.place) }, closed))]
    },
  }
}
