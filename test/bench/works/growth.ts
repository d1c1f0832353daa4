import { openGround } from '../ground.ts'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import { listReporters, type Reporting, reportForSeconds } from '../reporting.ts'
import type { Work } from './work.ts'

/** Reports into the database of the chosen size, against those into one of 4,000 products, in turn. */
export const growth: Work = {
  name: 'growth',
  sizes: ['300k', '3m'],
  async measure(place, { pairs }) {
    const small = await openGround('4k')
    try {
      const [many, few] = [await listReporters(place), await listReporters(small)]
      await reportForSeconds(place, many)
      await reportForSeconds(small, few)
      const { yardstick, work } = await inPairs(
        pairs,
        () => reportForSeconds(small, few),
        () => reportForSeconds(place, many),
      )
      const rates = (runs: Reporting[]) => runs.map(({ perSecond }) => perSecond)
      const cost = (runs: Reporting[], pick: (one: Reporting) => number) => Math.round(spreadOf(runs.map(pick)).median)
      return [
        {
          name: `${this.name}: reports at ${place.size}`,
          unit: 'reports/s',
          work: spreadOf(rates(work)),
          yardstick: spreadOf(rates(yardstick)),
          ratio: ratios(rates(work), rates(yardstick)),
          goal: '≥ 0.85 × that at 4k',
          facts: {
            'µs of server CPU a report': cost(work, one => one.processor),
            'at 4k': cost(yardstick, one => one.processor),
            'µs of database CPU a report': cost(work, one => one.database),
            'at 4k, database': cost(yardstick, one => one.database),
          },
        },
      ]
    } finally {
      await small.close()
    }
  },
}
