import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Profile } from '../../appliance/actions/action.ts'
import { packagesOf } from '../../appliance/install/deeds/packages.ts'
import { addressOf, fetchPackages, linkOf, makeDebian } from './debianMachine.ts'

export const answers = { hostName: 'qm.example.net', consolePassword: 'Blue-Harbor-47-tree', administrator: 'alice' }
export const installer = '/root/release/appliance/install/install.sh'

/**
 * A bare Debian in which a release lies unpacked, with what its installer is to be told. Its network is set up by systemd-networkd and its names are
 * looked up by systemd-resolved, as on an image.
 * It shares the clock with the machine that it runs on, which it must not turn: chronyd is told so.
 */
export function makeApplianceRoot(folder: string, name: string, profile: Profile, archive: string): void {
  makeDebian(folder)
  fetchPackages(folder, packagesOf({ profile }))
  // The last that is fetched: from here on the root's own names are looked up by what only runs in a machine.
  execFileSync('chroot', [folder, 'apt-get', '-q', '-y', '--no-install-recommends', 'install', 'systemd-resolved'], { stdio: 'ignore' })
  mkdirSync(join(folder, 'root/release'))
  execFileSync('sh', ['-c', 'tar xOf "$1" tree.tar.gz | tar xz -C "$2"', 'sh', archive, join(folder, 'root/release')])
  writeFileSync(join(folder, 'root/answers.json'), JSON.stringify(answers), { mode: 0o600 })
  copyFileSync(join(import.meta.dirname, '../appliance/registerProduct.ts'), join(folder, 'root/registerProduct.ts'))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  put(
    'etc/systemd/network/80-cable.network',
    `[Match]\nName=${linkOf(name)}\n\n[Network]\nAddress=${addressOf.machine}/24\nLinkLocalAddressing=no\n`,
  )
  // With its name on the bus, under which networkctl finds it.
  execFileSync('chroot', [folder, 'systemctl', 'enable', 'systemd-networkd.service'], { stdio: 'ignore' })
  // Where the cable was given its address before, networkd calls it failed, and whoever waits for it waits two minutes.
  execFileSync('chroot', [folder, 'systemctl', 'disable', 'systemd-networkd-wait-online.service'], { stdio: 'ignore' })
  put(
    'etc/systemd/system/chrony.service.d/shared-clock.conf',
    '[Unit]\nConditionCapability=\n[Service]\nExecStart=\nExecStart=!/usr/sbin/chronyd -x $DAEMON_OPTS\n',
  )
}
