import { type ListedLicense, listingOfLicenses } from '../../storage/listings/licenses.ts'
import type { Report } from './report.ts'

/** What is held and used of each license, in each Local Virtual Account. */
export const licensesReport: Report<ListedLicense> = {
  name: 'licenses',
  title: 'Licenses',
  words: 'What each Local Virtual Account holds and uses of each license, and whether it is enough.',
  sign: 'certificate',
  searched: 'license or tag',
  filters: [
    {
      name: 'standing',
      words: 'Standing',
      choices: [
        ['', 'In and out of compliance'],
        ['short', 'Out of compliance'],
        ['enough', 'In compliance'],
      ],
    },
  ],
  columns: [
    { heading: 'License', name: 'license', value: row => row.displayName },
    { heading: 'Tag', name: 'tag', value: row => row.tag },
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    { heading: 'Purchased', name: 'purchased', value: row => row.purchased },
    { heading: 'In use', name: 'inUse', value: row => row.inUse },
    { heading: 'Reserved', name: 'reserved', value: row => row.reserved },
    { heading: 'Balance', name: 'balance', value: row => row.balance },
    { heading: 'Pending', name: 'pending', value: row => row.pending },
    { heading: 'Standing', name: 'standing', value: row => (row.short ? 'Out of compliance' : 'In compliance') },
  ],
  list: (db, scope, { search, chosen }, now) =>
    listingOfLicenses(db, scope, { text: search, short: chosen.standing === '' ? null : chosen.standing === 'short' }, now),
}
