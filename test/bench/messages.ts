import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificateRequest } from '../../src/pki/certificateRequest.ts'
import { makeRsaKey } from '../../src/pki/keys.ts'
import { type Place, timeOf } from './place.ts'
import { familySeconds, watchMemory } from './processorTime.ts'
import { runHere } from './programs.ts'

export type Connections = 'new' | 'kept'
export type Transport = 'smart' | 'callhome'
export type FloorPath = '/report' | '/registration'

/** What a fleet sends, and how. */
export type Sending = { mix: string; count: number; transport: Transport; connections: Connections; seconds?: number }

/** What a fleet saw: latencies in milliseconds, its own processor time in seconds. */
type FleetSent = {
  done: number
  byKind: Record<string, number>
  refusedOrFailed: number
  busy: number
  /** Failures that were tried again. */
  retried: number
  perSecond: number
  fleet: number
  p50: number
  p95: number
  p99: number
}

/** What it came to: processor time in seconds, memory at its highest in megabytes. */
export type Sent = FleetSent & { server: number; database: number; serverMegabytes: number; databaseMegabytes: number }

const concurrency = 32

type Kind = {
  done: number
  busy: number
  retried: number
  refused: object
  failed: object
  latency: { p50: number; p95: number; p99: number }
}

/**
 * Lets the laboratory's fleet send to the server through the real door. A fleet in the same `state` is the same products: what must be registered
 * first is registered first, and not measured by the fleet's own figures.
 */
export async function sendByFleet(sending: Sending, place: Place, state: string): Promise<Sent> {
  const { result, ...taken } = await takenBy(place, () => startFleet(sending, place, join(place.scratch, state)))
  return { ...result, ...taken }
}

/** Lets several fleets report once at the same time, each over its transport, with a new connection for each message. */
export async function sendByFleets(place: Place, parties: { transport: Transport; folder: string; count: number }[]) {
  const report = { mix: 'authorize', connections: 'new' } as const
  const { result: fleets, ...taken } = await takenBy(place, () =>
    Promise.all(parties.map(({ transport, folder, count }) => startFleet({ ...report, transport, count }, place, folder))),
  )
  return { fleets, ...taken }
}

/** What `work` took of the server and the database. */
async function takenBy<T>(place: Place, work: () => Promise<T>) {
  const memory = watchMemory(place)
  const before = familySeconds(place.postmaster)
  const { result, seconds: server } = await timeOf(place.server.pid, work)
  return { result, server, database: familySeconds(place.postmaster) - before, ...memory() }
}

async function startFleet({ mix, count, transport, connections, seconds }: Sending, place: Place, folder: string): Promise<FleetSent> {
  const results = `${folder}.json`
  const words = ['--count', String(count), '--mix', mix, '--transport', transport, '--concurrency', String(concurrency), '--json', results]
  const where = [
    '--url',
    `https://localhost:${place.server.ready.deviceHttps}`,
    '--trust',
    place.licensingRoot,
    '--tls-trust',
    place.deviceRoot,
  ]
  const whom = ['--token', place.token, '--state', folder, ...place.tags.flatMap(tag => ['--tag', tag])]
  const pace = [...(connections === 'kept' ? ['--keep-alive'] : []), ...(seconds ? ['--seconds', String(seconds)] : [])]
  await runHere('src/lab/product/main.ts', ['fleet', ...words, ...where, ...whom, ...pace])
  const measured = JSON.parse(readFileSync(results, 'utf8'))
  return { ...summed(measured.kinds, measured.seconds), fleet: measured.cpu.user + measured.cpu.system }
}

/** Kinds that went on side by side as one; the slowest tells the latency. */
function summed(kinds: Record<string, Kind>, seconds: number) {
  const all = Object.values(kinds)
  const sum = (of: (kind: Kind) => number) => all.reduce((total, kind) => total + of(kind), 0)
  const slowest = (of: keyof Kind['latency']) => Math.max(...all.map(kind => kind.latency[of]))
  const done = sum(kind => kind.done)
  const trouble = (kind: Kind) => [...Object.values(kind.refused), ...Object.values(kind.failed)].reduce((total, count) => total + count, 0)
  return {
    done,
    byKind: Object.fromEntries(Object.entries(kinds).map(([kind, result]) => [kind, result.done])),
    refusedOrFailed: sum(trouble),
    busy: sum(kind => kind.busy),
    retried: sum(kind => kind.retried),
    perSecond: done / seconds,
    p50: slowest('p50'),
    p95: slowest('p95'),
    p99: slowest('p99'),
  }
}

/** A state folder for a fleet that nobody has met. */
export const newFleet = (): string => `fleet-${randomBytes(4).toString('hex')}`

/** Seconds of the floor server for one message: the cryptography and the connection alone. */
export async function floorSeconds(path: FloorPath, connections: Connections, count: number, place: Place): Promise<number> {
  const url = `https://127.0.0.1:${place.floor.ready.https}${path}`
  const words = [url, String(count), String(concurrency), connections, place.floorRoot, await bodyFor(place)]
  const { result, seconds } = await timeOf(place.floor.pid, () => runHere('test/bench/load.ts', words))
  return seconds / JSON.parse(result).done
}

let body: string | undefined

/** A body of the size of a message, with a certificate request in it for the floor of registrations. */
async function bodyFor({ scratch }: Place): Promise<string> {
  if (body) return body
  const file = join(scratch, 'body.json')
  const csr = await makeCertificateRequest(await makeRsaKey(), [['CN', 'EX-R1000']])
  writeFileSync(file, JSON.stringify({ csr, padding: 'x'.repeat(800) }))
  body = file
  return file
}
