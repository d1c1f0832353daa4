import { day, later } from '../../rules/clock.ts'
import type { Column } from '../../rules/tables.ts'
import { listingOfChanges } from '../../storage/listings/changes.ts'
import type { ListedEvent } from '../../storage/listings/events.ts'
import type { Report } from './report.ts'

/** A line of the event log in a file. */
export const eventLogColumns: Column<ListedEvent>[] = [
  { heading: 'Time', name: 'at', value: row => row.at },
  { heading: 'Who', name: 'who', value: row => row.who },
  { heading: 'Kind', name: 'kind', value: row => row.kind },
  { heading: 'Message', name: 'message', value: row => row.message },
  { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
  { heading: 'License', name: 'tag', value: row => row.tag },
  { heading: 'Source', name: 'source', value: row => row.source },
]

/** Who changed what. */
export const changesReport: Report<ListedEvent> = {
  name: 'changes',
  title: 'Who changed what',
  words: 'What people, scripts and synchronizations changed: tokens, transfers, removals, settings of the account.',
  sign: 'user-edit',
  searched: 'message or person',
  filters: [
    {
      name: 'days',
      words: 'Time',
      choices: [
        ['', 'At any time'],
        ['7', 'The last 7 days'],
        ['30', 'The last 30 days'],
        ['365', 'The last year'],
      ],
    },
  ],
  columns: eventLogColumns,
  list: (db, scope, { search, chosen }, now) =>
    listingOfChanges(db, scope, { text: search, from: chosen.days ? later(now, -Number(chosen.days) * day) : null }),
}
