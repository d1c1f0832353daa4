import type { Happened } from '../agent/happened.ts'
import type { LicenseStatus } from '../agent/licenseStatus.ts'
import type { AgentStatus } from '../agent/status.ts'
import { cut, moment, section } from './text.ts'

/** `show license summary`: the sections of the status without dates of the past, and a table of what is used. */
export function showSummary({ registration, authorization, licenses }: AgentStatus): string {
  const { nextRenewal } = registration
  const { nextCommunication, lastCommunication } = authorization
  return [
    'Smart Licensing is ENABLED',
    section('Registration:', [
      `Status: ${registration.status === 'REGISTERED' ? 'REGISTERED' : 'UNREGISTERED'}`,
      registration.smartAccount === null ? undefined : `Smart Account: ${registration.smartAccount}`,
      registration.virtualAccount === null ? undefined : `Virtual Account: ${registration.virtualAccount}`,
      `Export-Controlled Functionality: ${registration.exportControlled}`,
      nextRenewal ? `Last Renewal Attempt: ${word(registration.lastRenewal)}` : undefined,
      nextRenewal ? `Next Renewal Attempt: ${moment(nextRenewal)}` : undefined,
    ]),
    section('License Authorization:', [
      `Status: ${authorization.status === 'NO LICENSES IN USE' ? 'No Licenses in Use' : authorization.status}`,
      nextCommunication ? `Last Communication Attempt: ${word(lastCommunication)}` : undefined,
      nextCommunication ? `Next Communication Attempt: ${moment(nextCommunication)}` : undefined,
    ]),
    usageTable(licenses),
  ].join('\n\n')
}

const word = (attempt: Happened | null) => (attempt === null ? 'None' : attempt.succeeded ? 'SUCCEEDED' : 'FAILED')

function usageTable(licenses: readonly LicenseStatus[]): string {
  if (licenses.length === 0) return section('License Usage:', ['No licenses in use'])
  return section('License Usage:', [
    'License                 Entitlement tag               Count Status',
    '-'.repeat(77),
    ...licenses.map(row),
  ])
}

/** Columns of 24, 30 and 5; names that are longer are cut, because a parser counts on the columns. */
const row = ({ name, entitlement, count, status }: LicenseStatus) =>
  `${cut(name, 23).padEnd(24)}${`(${cut(entitlement, 26)})`.padEnd(29)} ${String(count).padStart(5)} ${status}`
