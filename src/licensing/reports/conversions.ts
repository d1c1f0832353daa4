import { type ConversionStatus, type ListedConversionLine, listingOfConversionLines } from '../../storage/listings/conversionLines.ts'
import type { Report } from './report.ts'

const statuses: Record<ConversionStatus, string> = {
  PENDING_UPSTREAM: 'Waits for the cloud',
  CONVERTED: 'Converted',
  ALREADY_CONVERTED: 'Converted before',
  NOT_ELIGIBLE: 'Not eligible',
}

/** What products gave up of the time before smart licensing, and what it became. */
export const conversionsReport: Report<ListedConversionLine> = {
  name: 'conversions',
  title: 'Conversions',
  words: 'What products gave up of the time before smart licensing, and what the cloud made of it.',
  sign: 'exchange-alt',
  searched: 'product or license',
  filters: [{ name: 'status', words: 'Standing', choices: [['', 'Any standing'], ...(Object.entries(statuses) as [string, string][])] }],
  columns: [
    { heading: 'Product', name: 'product', value: row => row.name },
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    { heading: 'Traditional license', name: 'traditional', value: row => row.traditional },
    { heading: 'Given up', name: 'count', value: row => row.count },
    { heading: 'Standing', name: 'standing', value: row => statuses[row.status] },
    { heading: 'License granted', name: 'granted', value: row => row.granted },
    { heading: 'Granted', name: 'grantedCount', value: row => row.grantedCount },
    { heading: 'Asked for', name: 'requestedAt', value: row => row.requestedAt },
    { heading: 'Decided', name: 'decidedAt', value: row => row.decidedAt },
    { heading: 'Message', name: 'message', value: row => row.message },
  ],
  list: (db, scope, { search, chosen }) =>
    listingOfConversionLines(db, scope, {
      text: search,
      status: (Object.keys(statuses) as ConversionStatus[]).find(status => status === chosen.status) ?? null,
    }),
}
