import { day, later } from '../../rules/clock.ts'
import { type LicenseType, lotStanding } from '../../rules/entitlements.ts'
import { type ListedLot, type LotFilter, listingOfLots } from '../../storage/listings/lots.ts'
import type { Report, ReportQuestion } from './report.ts'

type Row = ListedLot & { standing: string }

const words: Record<LicenseType, string> = { PERPETUAL: 'Perpetual', TERM: 'Term', SUBSCRIPTION: 'Subscription', DEMO: 'Demo' }
const standings = ['in force', 'pending', 'ended'] as const

/** What was bought, lot by lot, with when it begins and ends. */
export const subscriptionsReport: Report<Row> = {
  name: 'subscriptions',
  title: 'Subscriptions and terms',
  words: 'Everything that was bought, lot by lot, with when it begins and when it ends.',
  sign: 'calendar-alt',
  searched: 'license, tag or subscription',
  filters: [
    {
      name: 'standing',
      words: 'Standing',
      choices: [
        ['', 'In force, pending and ended'],
        ['in force', 'In force'],
        ['ending', 'Ends within 90 days'],
        ['pending', 'Pending'],
        ['ended', 'Ended'],
      ],
    },
    { name: 'type', words: 'Billing', choices: [['', 'Any billing'], ...(Object.entries(words) as [string, string][])] },
  ],
  columns: [
    { heading: 'License', name: 'license', value: row => row.displayName },
    { heading: 'Tag', name: 'tag', value: row => row.tag },
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    { heading: 'Billing', name: 'billing', value: row => words[row.licenseType] },
    { heading: 'Quantity', name: 'quantity', value: row => row.quantity },
    { heading: 'Begins', name: 'startsAt', value: row => row.startsAt },
    { heading: 'Ends', name: 'endsAt', value: row => row.endsAt },
    { heading: 'Subscription', name: 'subscription', value: row => row.subscriptionId },
    { heading: 'Standing', name: 'standing', value: row => row.standing },
  ],
  list(db, scope, question, now) {
    const lots = listingOfLots(db, scope, filterOf(question, now), now)
    const told = (lot: ListedLot): Row => ({
      ...lot,
      standing: { 'in force': 'In force', pending: 'Pending', ended: 'Ended' }[lotStanding(lot, now)],
    })
    return { ...lots, read: async part => (await lots.read(part)).map(told) }
  },
}

const filterOf = ({ search, chosen }: ReportQuestion, now: Date): LotFilter => ({
  text: search,
  type: (Object.keys(words) as LicenseType[]).find(type => type === chosen.type) ?? null,
  standing: standings.find(standing => standing === chosen.standing) ?? null,
  endsBefore: chosen.standing === 'ending' ? later(now, 90 * day) : null,
})
