import { existsSync, lstatSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { syncFolder } from '../../src/files.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { versionPattern } from '../release/versions.ts'

/** Releases side by side, and which of them is `current`: `releases/<version>/`, `current` → one of them. */
export const folderOf = (releases: string, version: string): string => join(releases, 'releases', version)

/** What is being unpacked; it gets its name when it is whole. No version begins with a dot. */
export const incomingFor = (releases: string, version: string): string => join(releases, 'releases', `.incoming-${version}`)

/** The release that `current` names. Refuses where there is none: this is no appliance, or its installer has not come to its end. */
export function currentRelease(releases: string): string {
  const link = join(releases, 'current')
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()
  refuseUnless(isLink, 'NOT_FOUND', 'There is no installed release here: upgrades are for an appliance.')
  return basename(readlinkSync(link))
}

/** Names another release `current`: at each moment it is the one or the other. */
export function switchTo(releases: string, version: string): void {
  const next = join(releases, '.current-next')
  rmSync(next, { force: true })
  symlinkSync(join('releases', version), next)
  renameSync(next, join(releases, 'current'))
  syncFolder(releases)
}

/** Every installed release. */
export const listInstalled = (releases: string): string[] =>
  readdirSync(join(releases, 'releases')).filter(
    name => versionPattern.test(name) && existsSync(join(folderOf(releases, name), 'package.json')),
  )

/** Takes releases away, but for those named, and whatever was left half unpacked. */
export function prune(releases: string, kept: readonly string[]): string[] {
  const folder = join(releases, 'releases')
  const gone = listInstalled(releases).filter(version => !kept.includes(version))
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.incoming-') || gone.includes(name)) rmSync(join(folder, name), { recursive: true, force: true })
  }
  return gone
}
