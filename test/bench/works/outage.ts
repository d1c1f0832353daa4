import { instancesThatReport } from '../generate/sizes.ts'
import { sendByFleets } from '../messages.ts'
import { countChanges, gatherParties, reconcileOutage } from '../outage.ts'
import { spreadOf } from '../pairs.ts'
import { forgetVersions } from '../sweep.ts'
import type { Work } from './work.ts'

const goal = '≤ 8 minutes, all answered, none lost, none counted twice'

/** "300,000 products report after an outage (new TLS connections, both transports): all answered, none lost, none counted twice, within 8 minutes". */
export const outage: Work = {
  name: 'outage',
  sizes: ['4k', '300k'],
  async measure(place, { products }) {
    const { products: all } = place.dataSet.accounts[0]!
    await place.context.storage.transaction(forgetVersions)
    const parties = await gatherParties(place, instancesThatReport(Math.min(products ?? all, all)))
    const changes = await countChanges(place, parties)
    const since = new Date()
    const began = performance.now()
    const { fleets, server, database, serverMegabytes, databaseMegabytes } = await sendByFleets(place, parties)
    const minutes = (performance.now() - began) / 60_000
    const sum = (of: 'done' | 'busy' | 'retried' | 'refusedOrFailed') => fleets.reduce((total, fleet) => total + fleet[of], 0)
    const differences = await reconcileOutage(place, parties, { since, changes, triedAgain: sum('busy') + sum('retried') })
    const instances = parties.reduce((total, party) => total + party.count, 0)
    if (sum('refusedOrFailed') > 0) differences.push(`${sum('refusedOrFailed')} were refused or failed for good.`)
    if (differences.length > 0) throw new Error(differences.join(' '))
    const micros = (seconds: number) => Math.round((seconds * 1e6) / instances)
    return [
      {
        name: `${this.name}: ${Math.min(products ?? all, all).toLocaleString('en')} products`,
        unit: 'minutes',
        work: spreadOf([minutes]),
        yardstick: undefined,
        ratio: undefined,
        goal,
        facts: {
          instances,
          'reports that changed something': changes,
          'instances a second': Math.round(instances / minutes / 60),
          'answered well': sum('done'),
          'differences between what was told and the database': 0,
          'times told to come again': sum('busy'),
          'failures tried again': sum('retried'),
          'p99 in ms': Math.round(Math.max(...fleets.map(({ p99 }) => p99))),
          'µs of server CPU each': micros(server),
          'µs of database CPU each': micros(database),
          'µs of the fleets each': micros(fleets.reduce((total, { fleet }) => total + fleet, 0)),
          'server memory in MB': serverMegabytes,
          'database memory in MB': databaseMegabytes,
        },
      },
    ]
  },
}
