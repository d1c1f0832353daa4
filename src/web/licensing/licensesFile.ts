import type { Column, FileKind } from '../../rules/tables.ts'
import type { Page } from '../../storage/pages/keyset.ts'
import { type LicenseRow, listLicenseRows } from '../../storage/pages/licenseRows.ts'
import type { AccountVisit } from '../visit.ts'
import { sendFile } from './files.ts'
import { readLicenseQuestion } from './licenses.ts'

const columns: Column<LicenseRow>[] = [
  { heading: 'License', name: 'license', value: row => row.displayName },
  { heading: 'Tag', name: 'tag', value: row => row.tag },
  { heading: 'Billing', name: 'billing', value: row => row.types.join(' ') },
  { heading: 'Purchased', name: 'purchased', value: row => row.purchased },
  { heading: 'In use', name: 'inUse', value: row => row.inUse },
  { heading: 'Borrowed', name: 'borrowed', value: row => row.borrowed },
  { heading: 'Lent', name: 'lent', value: row => row.lent },
  { heading: 'Reserved', name: 'reserved', value: row => row.reserved },
  { heading: 'Balance', name: 'balance', value: row => row.balance },
  { heading: 'Standing', name: 'standing', value: row => (row.placesShort > 0 ? 'Out Of Compliance' : 'In Compliance') },
  { heading: 'Pending', name: 'pending', value: row => row.pending },
  { heading: 'Next end', name: 'nextEndsAt', value: row => row.nextEndsAt },
]
const batch = 1000

/** The list of licenses, as it is filtered, as a file. */
export const licensesFile =
  (kind: FileKind) =>
  (visit: AccountVisit): Promise<void> =>
    sendFile(visit, kind, 'licenses', columns, everyLicense(visit))

async function* everyLicense(visit: AccountVisit): AsyncGenerator<LicenseRow[]> {
  const { filter, narrow } = readLicenseQuestion(visit)
  let page: Page<LicenseRow> | undefined
  do {
    const slice = { size: batch, after: page?.next ?? undefined }
    page = (await listLicenseRows(visit.context.storage.pages, narrow, narrow, filter, slice, visit.now)).page
    yield page.rows
  } while (page.next)
}
