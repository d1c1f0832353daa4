import type { Column, FileKind } from '../../rules/tables.ts'
import { exportProductInstances } from '../../storage/pages/productInstanceExport.ts'
import type { ProductInstanceRow } from '../../storage/pages/productInstanceRows.ts'
import type { AccountVisit } from '../visit.ts'
import { sendFile } from './files.ts'
import { readInstanceQuestion } from './productInstances.ts'

const columns: Column<ProductInstanceRow>[] = [
  { heading: 'Name', name: 'name', value: row => row.name },
  { heading: 'Product type', name: 'productType', value: row => row.productType },
  { heading: 'PID', name: 'pid', value: row => row.udiPid },
  { heading: 'Serial number', name: 'serialNumber', value: row => row.udiSerialNumber },
  { heading: 'State', name: 'state', value: row => row.state },
  { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
  { heading: 'Licenses', name: 'licenses', value: row => row.licenses },
  { heading: 'Licenses out of compliance', name: 'licensesOutOfCompliance', value: row => row.licensesShort },
  { heading: 'Registered', name: 'registeredAt', value: row => row.registeredAt },
  { heading: 'Last contact', name: 'lastContactAt', value: row => row.lastContactAt },
  { heading: 'Identifier', name: 'id', value: row => row.id },
]

/** The list of product instances, as it is filtered, as a file. */
export const productInstancesFile =
  (kind: FileKind) =>
  (visit: AccountVisit): Promise<void> => {
    const { filter, narrow } = readInstanceQuestion(visit)
    return sendFile(visit, kind, 'product-instances', columns, exportProductInstances(visit.context.storage.pages, narrow, filter))
  }
