import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificateRequest } from '../../../src/pki/certificateRequest.ts'
import { makeRsaKey } from '../../../src/pki/keys.ts'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import { type Place, timeOf } from '../place.ts'
import { familyMegabytes, familySeconds } from '../processorTime.ts'
import { runHere } from '../programs.ts'
import type { Figure, Work } from './work.ts'

type Case = {
  name: string
  mix: 'authorize' | 'register'
  floor: '/report' | '/registration'
  transport: 'smart' | 'callhome'
  connections: 'new' | 'kept'
  goal: string
}

/** Whole messages through the real door, the fleet of the laboratory sending them, against the floor: a bare server that does the cryptography alone. */
const cases: Case[] = [
  {
    name: 'report, new connections',
    mix: 'authorize',
    floor: '/report',
    transport: 'smart',
    connections: 'new',
    goal: '≥ 400 a core-second; ≤ 1.3 × the floor',
  },
  {
    name: 'report, kept connections',
    mix: 'authorize',
    floor: '/report',
    transport: 'smart',
    connections: 'kept',
    goal: '≥ 1,800 a core-second; ≤ 1.6 × the floor',
  },
  { name: 'report, Call Home', mix: 'authorize', floor: '/report', transport: 'callhome', connections: 'new', goal: 'as the first' },
  {
    name: 'registration, new connections',
    mix: 'register',
    floor: '/registration',
    transport: 'smart',
    connections: 'new',
    goal: '≥ 300 a core-second; ≤ 1.5 × the floor',
  },
]

export const wholeMessages: Work[] = cases.map(one => ({ name: one.name, measure: (place, options) => measure(one, place, options) }))

const concurrency = 32
/** Messages a run: some seconds each on these machines. */
const perRun = 1500

async function measure(one: Case, place: Place, { pairs }: { pairs: number }): Promise<Figure[]> {
  const body = await bodyFor(place)
  await fleet(one, place)
  await floor(one, place, body)
  let database = 0
  const { yardstick, work } = await inPairs(
    pairs,
    () => floor(one, place, body),
    async () => {
      const before = familySeconds(place.postmaster)
      const measured = await fleet(one, place)
      database += ((familySeconds(place.postmaster) - before) * 1e6) / measured.done
      return measured
    },
  )
  const cost = (runs: { seconds: number; done: number }[]) => runs.map(({ seconds, done }) => (seconds * 1e6) / done)
  return [
    {
      name: one.name,
      unit: 'a core-second of the server',
      work: spreadOf(cost(work).map(micros => 1e6 / micros)),
      yardstick: spreadOf(cost(yardstick).map(micros => 1e6 / micros)),
      ratio: ratios(cost(work), cost(yardstick)),
      goal: one.goal,
      facts: {
        'µs of server CPU each': Math.round(spreadOf(cost(work)).median),
        'µs of the floor each': Math.round(spreadOf(cost(yardstick)).median),
        'µs of database CPU each': Math.round(database / pairs),
        'each second, fleet beside it': Math.round(spreadOf(work.map(run => run.perSecond)).median),
        'p99 in ms': Math.round(spreadOf(work.map(run => run.p99)).median),
        'server memory in MB': familyMegabytes(place.server.pid),
      },
    },
  ]
}

type Run = { done: number; seconds: number; perSecond: number; p99: number }

/** The laboratory's fleet against the server; `seconds` are the server's processor time. A registration counts as its two messages: it and its acknowledgement. */
async function fleet({ mix, transport, connections }: Case, place: Place): Promise<Run> {
  const results = join(place.scratch, 'fleet.json')
  const words = ['--count', String(perRun), '--mix', mix, '--transport', transport, '--concurrency', String(concurrency), '--json', results]
  const state = mix === 'register' ? `fleet-${randomBytes(4).toString('hex')}` : `fleet-${transport}`
  const where = [
    '--url',
    `https://localhost:${place.server.ready.deviceHttps}`,
    '--trust',
    place.licensingRoot,
    '--tls-trust',
    place.deviceRoot,
  ]
  const whom = ['--token', place.token, '--state', join(place.scratch, state), ...place.tags.flatMap(tag => ['--tag', tag])]
  const all = ['fleet', ...words, ...where, ...whom, ...(connections === 'kept' ? ['--keep-alive'] : [])]
  // The first run of a reporting fleet registers it, which is not measured: it is the run before the pairs.
  const { seconds } = await timeOf(place.server.pid, () => runHere('src/lab/product/main.ts', all))
  const kind = JSON.parse(readFileSync(results, 'utf8')).kinds[mix]
  return { done: kind.done, seconds, perSecond: kind.perSecond, p99: kind.latency.p99 }
}

async function floor({ floor: path, connections }: Case, place: Place, body: string): Promise<Run> {
  const url = `https://127.0.0.1:${place.floor.ready.https}${path}`
  const words = [url, String(perRun), String(concurrency), connections, place.floorRoot, body]
  const { result, seconds } = await timeOf(place.floor.pid, () => runHere('test/bench/load.ts', words))
  const { done, seconds: elapsed } = JSON.parse(result)
  return { done, seconds, perSecond: done / elapsed, p99: 0 }
}

/** A body of the size of a message, with a certificate request in it for the floor of registrations. */
async function bodyFor({ scratch }: Place): Promise<string> {
  const file = join(scratch, 'body.json')
  const csr = await makeCertificateRequest(await makeRsaKey(), [['CN', 'EX-R1000']])
  writeFileSync(file, JSON.stringify({ csr, padding: 'x'.repeat(800) }))
  return file
}
