import type { AgentStatus } from '../agent/status.ts'
import { agentVersion } from '../agent/version.ts'
import { statusSections } from './status.ts'
import { section, title } from './text.ts'
import { usageBlocks } from './usage.ts'

/** `show license all`: everything, under underlined titles. */
export const showAll = (status: AgentStatus, now: Date): string =>
  [
    `${title('Smart Licensing Status')}\n\nSmart Licensing is ENABLED`,
    statusSections(status, now),
    `${title('License Usage')}\n\n${usageBlocks(status.licenses)}`,
    `${title('Product Information')}\n${udiLines(status)}`,
    `${title('Agent Version')}\nSmart Agent for Licensing: ${agentVersion}`,
    `${title('Reservation Info')}\nLicense reservation: DISABLED`,
  ].join('\n\n')

function udiLines({ identity }: AgentStatus): string {
  const own = `PID:${identity.pid},SN:${identity.serialNumber}`
  if (identity.others.length === 0) return `UDI: ${own}`
  const others = identity.others.map(({ role, pid, serialNumber }) => `${role}:PID:${pid},SN:${serialNumber}`)
  return `UDI: ${own}\n\n${section('HA UDI List:', [`Active:${own}`, ...others])}`
}
