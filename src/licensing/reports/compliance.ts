import { day, isoDay, later } from '../../rules/clock.ts'
import { type ListedComplianceDay, listingOfComplianceDays } from '../../storage/listings/complianceDays.ts'
import type { Report } from './report.ts'

/** How licenses stood over time. */
export const complianceReport: Report<ListedComplianceDay> = {
  name: 'compliance',
  title: 'Compliance over time',
  words: 'How each license stood in each Local Virtual Account: a line for each day on which that was not as on the day before.',
  sign: 'chart-line',
  searched: 'license or tag',
  filters: [
    {
      name: 'days',
      words: 'Time',
      choices: [
        ['', 'The last 90 days'],
        ['30', 'The last 30 days'],
        ['365', 'The last year'],
        ['730', 'The last two years'],
      ],
    },
    {
      name: 'standing',
      words: 'Standing',
      choices: [
        ['', 'In and out of compliance'],
        ['short', 'Out of compliance'],
      ],
    },
  ],
  columns: [
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    { heading: 'License', name: 'license', value: row => row.displayName },
    { heading: 'Tag', name: 'tag', value: row => row.tag },
    { heading: 'Day', name: 'day', value: row => row.day },
    { heading: 'Purchased', name: 'purchased', value: row => row.purchased },
    { heading: 'In use', name: 'inUse', value: row => row.inUse },
    { heading: 'Missing', name: 'missing', value: row => row.short },
    { heading: 'Standing', name: 'standing', value: row => (row.short > 0 ? 'Out of compliance' : 'In compliance') },
  ],
  list: (db, scope, { search, chosen }, now) =>
    listingOfComplianceDays(db, scope, {
      text: search,
      from: isoDay(later(now, -Number(chosen.days || 90) * day)),
      onlyShort: chosen.standing === 'short',
    }),
}
