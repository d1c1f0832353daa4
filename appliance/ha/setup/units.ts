import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Folders } from '../../actions/machine.ts'

const linkOf = ({ host }: Folders, unit: string) => join(host, 'systemd/system/multi-user.target.wants', unit)

export const isEnabled = (folders: Folders, unit: string): boolean =>
  lstatSync(linkOf(folders, unit), { throwIfNoEntry: false }) !== undefined

/**
 * Whether a unit starts with the machine: by a link of our own that names the unit, as the installer does it, because `systemctl enable` follows the
 * link to a release that is taken away one day. Debian's own units are enabled by `place`, where their file is.
 */
export function enable(folders: Folders, unit: string, place = `../${unit}`): void {
  const link = linkOf(folders, unit)
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(place, link)
}

export const disable = (folders: Folders, unit: string): void => rmSync(linkOf(folders, unit), { force: true })
