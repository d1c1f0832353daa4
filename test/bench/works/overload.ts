import { percentiles } from '../../../src/lab/product/fleet/tally.ts'
import type { Passage } from '../crowd.ts'
import { overloaded, surroundingsOf } from '../overload.ts'
import { spreadOf } from '../pairs.ts'
import { familyMegabytes, watchMemory } from '../processorTime.ts'
import type { Work } from './work.ts'

const numbers = { products: 100, seconds: 4, times: 4 }

/** "Overload (four times what it can do): accepted ones p99 ≤ 1 s, the rest OK_TRY_AGAIN at once, pages p95 ≤ 500 ms, memory bounded." */
export const overload: Work = {
  name: 'overload',
  async measure(place) {
    const before = familyMegabytes(place.server.pid)
    const memory = watchMemory(place)
    const { perSecond, offered, stormy, pages } = await overloaded(place, surroundingsOf(place), numbers)
    const { serverMegabytes } = memory()
    const of = (outcome: string) => stormy.filter(passage => passage.outcome === outcome)
    const [accepted, turnedAway] = [of('OK'), of('OK_TRY_AGAIN')]
    const others = stormy.length - accepted.length - turnedAway.length
    return [
      {
        name: `${this.name}, ${numbers.times} times what it can do`,
        unit: 'ms, p99 of those that were accepted',
        work: spreadOf([timesOf(accepted).p99]),
        yardstick: undefined,
        ratio: undefined,
        goal: 'accepted p99 ≤ 1 s, pages p95 ≤ 500 ms, memory bounded',
        facts: {
          'reports a second that it can do': perSecond,
          'offered a second': offered,
          accepted: accepted.length,
          'share told to come again': (turnedAway.length / stormy.length).toFixed(3),
          'p99 of these in ms': Math.round(timesOf(turnedAway).p99),
          'broken or unsigned': others,
          'page p95 in ms': Math.round(timesOf(pages).p95),
          'server memory in MB': serverMegabytes,
          'before, in MB': before,
        },
      },
    ]
  },
}

const timesOf = (passages: Passage[]) => percentiles(passages.map(passage => passage.milliseconds))
