import type { AgentStatus } from '../agent/status.ts'
import { moment } from '../show/text.ts'

/** What a report of usage came to, in a line for the whole and one for each license that is not as it should be. */
export function usageLines({ authorization, licenses }: AgentStatus): string[] {
  const used = licenses.map(({ name, count }) => `${name} ${count}`).join(', ')
  const next = authorization.nextCommunication ? `; next report on ${moment(authorization.nextCommunication)}` : ''
  return [
    `${used ? `In use: ${used}` : 'No licenses in use'}. Authorization: ${authorization.status}${next}.`,
    ...licenses
      .filter(({ status }) => status !== 'AUTHORIZED')
      .map(license => `${license.name}: ${license.status}${shortBy(license.insufficient)}`),
  ]
}

const shortBy = (insufficient: number) => (insufficient > 0 ? `, ${insufficient} short` : '')
