import type { LicenseStatus } from '../agent/licenseStatus.ts'
import type { AgentStatus } from '../agent/status.ts'
import { statusLine } from './authorization.ts'
import { section } from './text.ts'

/** `show license usage`: the authorization in a line, then each license in use. */
export const showUsage = ({ authorization, licenses }: AgentStatus): string =>
  [section('License Authorization:', [statusLine(authorization)]), usageBlocks(licenses)].join('\n\n')

/** A block for each license in use. */
export const usageBlocks = (licenses: readonly LicenseStatus[]): string =>
  licenses.length === 0 ? 'No licenses in use' : licenses.map(usageBlock).join('\n\n')

const usageBlock = (license: LicenseStatus) =>
  section(`${license.name} (${license.entitlement}):`, [
    `Description: ${license.description}`,
    `Count: ${license.count}`,
    `Version: ${license.version}`,
    `Status: ${license.status}`,
    `Export status: ${license.exportStatus}`,
    `Feature Name: ${license.entitlement}`,
    `Feature Description: ${license.description}`,
    'Enforcement type: NOT ENFORCED',
    `License type: ${licenseTypes[license.licenseType ?? ''] ?? 'Perpetual'}`,
  ])

const licenseTypes: Record<string, string> = { PERPETUAL: 'Perpetual', TERM: 'Term', SUBSCRIPTION: 'Subscription', DEMO: 'Demo' }
