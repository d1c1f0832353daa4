import type { ListedEvent } from '../../storage/listings/events.ts'
import { listingOfTransactions, transactionKinds } from '../../storage/listings/transactions.ts'
import type { Report } from './report.ts'

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)

/** What came, went and moved. */
export const transactionsReport: Report<ListedEvent> = {
  name: 'transactions',
  title: 'License transactions',
  words: 'What came, went and moved, and why: entitlements of the cloud, transfers, removals, conversions.',
  sign: 'random',
  searched: 'message or person',
  filters: [
    {
      name: 'kind',
      words: 'Kind',
      choices: [['', 'Any kind'], ...transactionKinds.map((kind): [string, string] => [kind, capital(kind)])],
    },
  ],
  columns: [
    { heading: 'Time', name: 'at', value: row => row.at },
    { heading: 'Kind', name: 'kind', value: row => capital(row.kind) },
    { heading: 'What happened', name: 'message', value: row => row.message },
    { heading: 'License', name: 'tag', value: row => row.tag },
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    { heading: 'Who', name: 'who', value: row => row.who },
  ],
  list: (db, scope, { search, chosen }) =>
    listingOfTransactions(db, scope, { kind: transactionKinds.find(kind => kind === chosen.kind) ?? null, text: search }),
}
