import type { Deed } from '../../deed.ts'
import { must } from '../../host.ts'
import { stig } from './stigDeed.ts'

/** The services that the rest needs. */
export const services: Deed[] = [
  ...['auditd.service', 'usbguard.service', 'apparmor.service'].map(
    (unit): Deed => ({
      sentence: `${unit} starts with the machine.`,
      ...stig,
      isDone: host => host.run('systemctl', ['is-enabled', '--quiet', unit]).code === 0,
      do: host => void must(host, 'systemctl', ['enable', unit]),
    }),
  ),
]
