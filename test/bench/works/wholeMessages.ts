import { type Connections, type FloorPath, floorSeconds, newFleet, sendByFleet, type Transport } from '../messages.ts'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import type { Figure, Work } from './work.ts'

type Case = {
  name: string
  mix: 'authorize' | 'register'
  /** The messages that it is on the wire: a registration and its acknowledgement are two. */
  floor: FloorPath[]
  transport: Transport
  connections: Connections
  goal: string
}

/** Whole messages through the real door, the fleet of the laboratory sending them, against the floor: a bare server that does the cryptography alone. */
const cases: Case[] = [
  {
    name: 'report, new connections',
    mix: 'authorize',
    floor: ['/report'],
    transport: 'smart',
    connections: 'new',
    goal: '≥ 400 a core-second; ≤ 1.3 × the floor',
  },
  {
    name: 'report, kept connections',
    mix: 'authorize',
    floor: ['/report'],
    transport: 'smart',
    connections: 'kept',
    goal: '≥ 1,800 a core-second; ≤ 1.6 × the floor',
  },
  { name: 'report, Call Home', mix: 'authorize', floor: ['/report'], transport: 'callhome', connections: 'new', goal: 'as the first' },
  {
    name: 'registration and its acknowledgement, new connections',
    mix: 'register',
    floor: ['/registration', '/report'],
    transport: 'smart',
    connections: 'new',
    goal: '≥ 300 a core-second; ≤ 1.5 × the floor',
  },
]

export const wholeMessages: Work[] = cases.map(one => ({ name: one.name, measure: (place, options) => measure(one, place, options) }))

/** Messages a run: a few seconds each on these machines. */
const count = 800

async function measure({ name, mix, floor: paths, transport, connections, goal }: Case, place: Place, options: { pairs: number }) {
  const fleet = () => sendByFleet({ mix, count, transport, connections }, place, mix === 'register' ? newFleet() : `fleet-${transport}`)
  const floor = async () => {
    let seconds = 0
    for (const path of paths) seconds += await floorSeconds(path, connections, count, place)
    return seconds
  }
  // The first run of a reporting fleet registers it, which is not measured: it is the run before the pairs.
  await fleet()
  await floor()
  const each: { database: number; fleet: number; perSecond: number; p99: number; megabytes: number }[] = []
  const { yardstick, work } = await inPairs(options.pairs, floor, async () => {
    const { done, server, database, fleet: sender, perSecond, p99, serverMegabytes } = await fleet()
    each.push({ database: database / done, fleet: sender / done, perSecond, p99, megabytes: serverMegabytes })
    return server / done
  })
  const median = (pick: (one: (typeof each)[number]) => number) => Math.round(spreadOf(each.map(pick)).median)
  const micros = (seconds: number[]) => Math.round(spreadOf(seconds).median * 1e6)
  const figure: Figure = {
    name,
    unit: 'a core-second of the server',
    work: spreadOf(work.map(seconds => 1 / seconds)),
    yardstick: spreadOf(yardstick.map(seconds => 1 / seconds)),
    ratio: ratios(work, yardstick),
    goal,
    facts: {
      'µs of server CPU each': micros(work),
      'µs of the floor each': micros(yardstick),
      'µs of database CPU each': median(one => one.database * 1e6),
      'µs of the fleet each': median(one => one.fleet * 1e6),
      'each second, fleet beside it': median(one => one.perSecond),
      'p99 in ms': median(one => one.p99),
      'server memory in MB': median(one => one.megabytes),
    },
  }
  return [figure]
}
