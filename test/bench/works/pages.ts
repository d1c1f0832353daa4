import { percentiles } from '../../../src/lab/product/fleet/tally.ts'
import { routes } from '../../../src/web/routes.ts'
import { administratorAt } from '../administrator.ts'
import { openCountingDoor } from '../countingDoor.ts'
import { addressesOf, findSamples } from '../pageAddresses.ts'
import { spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import type { Figure, Work } from './work.ts'

/** "any page or fragment of the workspaces at 300,000 products: p95 ≤ 50 ms, p50 ≤ 15 ms server time; SQL ≤ 10 ms; ≤ 3 queries; ≤ 10 kB on the wire". */
const limits = { '4k': { p50: 15, p95: 50 }, '300k': { p50: 15, p95: 50 }, '3m': { p50: 15, p95: 100 } }
const most = { statements: 3, milliseconds: 10, kilobytes: 10 }
/** Enough that a p95 is not the slowest of all. */
const times = 40

type Looked = { p50: number; p95: number; kilobytes: number; statements: number; milliseconds: number; slowest: string }

/** Every page of the site map, and its fragment, in the first account of the data set, with what it costs. */
export const pages: Work = {
  name: 'pages',
  async measure(place) {
    const samples = await findSamples(place)
    const addresses = routes.flatMap(route => addressesOf(route, samples))
    const looked: [string, Looked][] = []
    const counting = await openCountingDoor(place)
    try {
      for (const { name, address } of addresses) {
        for (const part of ['page', 'fragment'] as const) {
          const found = await look(place, counting, address, part)
          if (found) looked.push([`${part} ${name}`, found])
        }
      }
    } finally {
      await counting.close()
    }
    looked.sort(([, a], [, b]) => b.p95 - a.p95)
    const offenders = looked.filter(([, one]) => missesOf(one, place).length > 0)
    return [...looked.map(([name, one]) => figureOf(name, one, place)), summary(looked.length, offenders, place)]
  },
}

type Counting = Awaited<ReturnType<typeof openCountingDoor>>

/** Undefined for an address that leads elsewhere: there is nothing to look at. */
async function look(place: Place, counting: Counting, address: string, part: 'page' | 'fragment'): Promise<Looked | undefined> {
  const ada = await administratorAt(place)
  const headers = { 'Accept-Encoding': 'gzip', ...(part === 'fragment' && { 'HX-Request-Type': 'partial' }) }
  const first = await ada.get(address, headers)
  if (first.status !== 200) return undefined
  const taken: number[] = []
  for (let time = 0; time < times; time++) {
    const asked = performance.now()
    await ada.get(address, headers)
    taken.push(performance.now() - asked)
  }
  const { p50, p95 } = percentiles(taken)
  return { p50, p95, kilobytes: first.body.length / 1000, ...(await counting.look(address, headers)) }
}

/** What of a page is more than it should be, in words. */
function missesOf({ p50, p95, kilobytes, statements, milliseconds }: Looked, { size }: Place): string[] {
  const limit = limits[size]
  return [
    ...(p50 > limit.p50 ? [`p50 ${p50.toFixed(0)} ms`] : []),
    ...(p95 > limit.p95 ? [`p95 ${p95.toFixed(0)} ms`] : []),
    ...(milliseconds > most.milliseconds ? [`SQL ${milliseconds.toFixed(0)} ms`] : []),
    ...(statements > most.statements ? [`${statements} statements`] : []),
    ...(kilobytes > most.kilobytes ? [`${kilobytes.toFixed(1)} kB`] : []),
  ]
}

const goalAt = ({ size }: Place) => `p50 ≤ ${limits[size].p50} ms, p95 ≤ ${limits[size].p95} ms, SQL ≤ 10 ms in ≤ 3 statements, ≤ 10 kB`

function figureOf(name: string, looked: Looked, place: Place): Figure {
  const { p50, p95, kilobytes, statements, milliseconds, slowest } = looked
  const misses = missesOf(looked, place)
  return {
    name,
    unit: 'ms, p95',
    work: spreadOf([p95]),
    yardstick: undefined,
    ratio: undefined,
    goal: misses.length > 0 ? `misses: ${misses.join(', ')}` : 'reached',
    facts: {
      'p50 in ms': p50.toFixed(1),
      'p95 in ms': p95.toFixed(1),
      statements,
      'SQL in ms': milliseconds.toFixed(1),
      'kB on the wire': kilobytes.toFixed(1),
      ...(misses.length > 0 && { misses: misses.join(', '), 'slowest statement': slowest }),
    },
  }
}

const summary = (count: number, offenders: [string, Looked][], place: Place): Figure => ({
  name: 'pages and fragments that miss something',
  unit: `of ${count}`,
  work: spreadOf([offenders.length]),
  yardstick: undefined,
  ratio: undefined,
  goal: goalAt(place),
  facts: Object.fromEntries(offenders.map(([name, one]) => [name, missesOf(one, place).join(', ')])),
})
