import { type Deed, ours } from '../../deed.ts'
import type { Host } from '../../host.ts'
import { file } from './stigDeed.ts'

const usb = `${ours}install usb-storage /bin/false
install uas /bin/false
blacklist usb-storage
blacklist uas
install firewire-core /bin/false
`

/** Nobody needs these on an appliance, and each has had its holes. */
const unusedModules = ['dccp', 'sctp', 'rds', 'tipc', 'cramfs', 'freevxfs', 'hfs', 'hfsplus', 'jffs2', 'udf']

/** Keyboards, and what is built in, stay; whatever stores or speaks a network over USB is not let in. */
const usbRules = `reject with-interface one-of { 08:*:* }
reject with-interface one-of { 02:*:* }
reject with-interface one-of { e0:*:* }
allow
`

const restart = (unit: string) => (host: Host) => void (host.hasServices && host.run('systemctl', ['try-restart', unit]))

/** Debian's package has started it by now, in vain where its condition is not met; what has failed for ever would be told as a trouble of the machine. */
const giveUp = (unit: string) => (host: Host) => {
  if (!host.hasServices) return
  host.run('systemctl', ['daemon-reload'])
  if (host.run('systemctl', ['is-failed', '--quiet', unit]).code === 0) host.run('systemctl', ['reset-failed', unit])
}

/** "USB storage off (module blacklisted and usbguard)", and nothing that nobody needs. */
export const devices: Deed[] = [
  file('USB storage cannot be loaded.', '/etc/modprobe.d/quartermaster-usb.conf', usb),
  file(
    'Protocols and file systems that nobody needs cannot be loaded.',
    '/etc/modprobe.d/quartermaster-unused.conf',
    `${ours}${unusedModules.map(name => `install ${name} /bin/false`).join('\n')}\n`,
  ),
  file(
    'Where the kernel knows no USB, as in a cloud, usbguard is passed over.',
    '/etc/systemd/system/usbguard.service.d/quartermaster.conf',
    `${ours}[Unit]\nConditionPathExists=/sys/bus/usb\n`,
    { after: giveUp('usbguard.service') },
  ),
  file('usbguard refuses what stores or speaks a network.', '/etc/usbguard/rules.conf', usbRules, {
    mode: 0o600,
    after: restart('usbguard.service'),
  }),
]
