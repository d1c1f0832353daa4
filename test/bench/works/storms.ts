import { type Connections, floorSeconds, newFleet, type Sent, sendByFleet, type Transport } from '../messages.ts'
import { spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import type { Figure, Work } from './work.ts'

type Storm = {
  name: string
  mix: string
  count: number
  seconds?: number
  /** What the floor of each kind is: how many of its messages are registrations and how many are no more than a signed question. */
  floor: Record<string, { registrations: number; reports: number }>
  goal: string
}

const report = { registrations: 0, reports: 1 }
/** A registration or a renewal, and its acknowledgement. */
const registration = { registrations: 1, reports: 1 }

/** What a site does at its worst and on every day. A storm is over when every product has its answer; the steady state goes on for some seconds. */
const storms: Storm[] = [
  { name: 'registration storm', mix: 'register', count: 600, floor: { register: registration }, goal: '≤ 1.5 × the floor' },
  {
    name: 'authorization storm',
    mix: 'authorize',
    count: 1200,
    floor: { authorize: report },
    goal: '≤ 1.3 × the floor, kept ≤ 1.6',
  },
  { name: 'renewal storm', mix: 'renew', count: 600, floor: { renew: registration }, goal: '≤ 1.5 × the floor' },
  {
    name: 'mixed steady state',
    mix: 'authorize:18,renew:1,register:1',
    count: 1200,
    seconds: 6,
    floor: { authorize: report, renew: registration, register: registration },
    goal: 'as its parts',
  },
]
const transports: Record<Transport, string> = { smart: 'Smart Transport', callhome: 'Call Home' }
const floorCount = 800
/** "300,000 products report after an outage … within 8 minutes on 2 cores beside the load generator": 300,000 products are so many instances. */
const site = 200_000

/** Every storm over both transports, with a new connection for each message and with kept ones, each a run beside a run of its floor. */
export const stormWorks: Work[] = storms.flatMap(storm =>
  (['smart', 'callhome'] as const).flatMap(transport =>
    (['new', 'kept'] as const).map(connections => ({
      name: `${storm.name}, ${transports[transport]}, ${connections}`,
      measure: (place: Place) => measure(storm, transport, connections, place),
    })),
  ),
)

async function measure(storm: Storm, transport: Transport, connections: Connections, place: Place): Promise<Figure[]> {
  const { name, mix, count, seconds, goal } = storm
  const state = mix === 'register' ? newFleet() : 'fleet-of-storms'
  if (mix !== 'register') await register(place, count)
  const floor = await floorOf(storm, connections, place)
  const sent = await sendByFleet({ mix, count, transport, connections, ...(seconds && { seconds }) }, place, state)
  if (sent.refusedOrFailed > 0 || (!seconds && sent.done !== count)) {
    throw new Error(`of ${count} products ${sent.done} were answered well, and ${sent.refusedOrFailed} were refused or failed.`)
  }
  const least = Object.entries(sent.byKind).reduce((sum, [kind, done]) => sum + done * floor(kind), 0)
  return [figureOf(`${name}, ${transports[transport]}, ${connections}`, sent, least, goal)]
}

let registered = 0

/** The products of the storms are registered before; the fleet of a storm would else register those that are missing while it is measured. */
async function register(place: Place, count: number): Promise<void> {
  if (registered >= count) return
  await sendByFleet({ mix: 'register', count, transport: 'smart', connections: 'kept' }, place, 'fleet-of-storms')
  registered = count
}

/** What a job of each kind costs the floor, in seconds. */
async function floorOf({ floor }: Storm, connections: Connections, place: Place): Promise<(kind: string) => number> {
  const reports = await floorSeconds('/report', connections, floorCount, place)
  const needsBoth = Object.values(floor).some(({ registrations }) => registrations > 0)
  const registrations = needsBoth ? await floorSeconds('/registration', connections, floorCount, place) : 0
  return kind => floor[kind]!.registrations * registrations + floor[kind]!.reports * reports
}

function figureOf(name: string, sent: Sent, least: number, goal: string): Figure {
  const { done, perSecond, p50, p95, p99, server, database, fleet, serverMegabytes, databaseMegabytes, busy } = sent
  const micros = (seconds: number) => Math.round((seconds * 1e6) / done)
  return {
    name,
    unit: 'products a core-second of the server',
    work: spreadOf([done / server]),
    yardstick: spreadOf([done / least]),
    ratio: spreadOf([server / least]),
    goal,
    facts: {
      'products a second': Math.round(perSecond),
      'p50 in ms': Math.round(p50),
      'p95 in ms': Math.round(p95),
      'p99 in ms': Math.round(p99),
      'µs of server CPU each': micros(server),
      'µs of database CPU each': micros(database),
      'µs of the fleet each': micros(fleet),
      'server memory in MB': serverMegabytes,
      'database memory in MB': databaseMegabytes,
      'told to wait': busy,
      [`minutes for ${site.toLocaleString('en')} instances on 2 cores of their own`]: Math.round(
        (((server + database) / done) * site) / 120,
      ),
    },
  }
}
