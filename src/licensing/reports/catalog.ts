import { changesReport } from './changes.ts'
import { complianceReport } from './compliance.ts'
import { conversionsReport } from './conversions.ts'
import { licensesReport } from './licenses.ts'
import { productInstancesReport } from './productInstances.ts'
import type { Report } from './report.ts'
import { subscriptionsReport } from './subscriptions.ts'
import { transactionsReport } from './transactions.ts'

/** "licenses, subscriptions, product instances, conversions, who changed what", and how all of it stood over time. */
export const reports: Report[] = [
  licensesReport,
  subscriptionsReport,
  productInstancesReport,
  complianceReport,
  conversionsReport,
  transactionsReport,
  changesReport,
]

/** The report of a name, if there is one. */
export const findReport = (name: string): Report | undefined => reports.find(report => report.name === name)
