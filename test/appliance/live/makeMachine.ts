import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../../../appliance/actions/action.ts'
import { makeRelease } from '../../../appliance/release/makeRelease.ts'
import { newReleaseKey } from '../../../appliance/release/releaseKey.ts'
import type { TreeFile } from '../../../appliance/release/tree.ts'
import { broken } from '../../support/appliance.ts'
import { installer, makeApplianceRoot } from '../../support/applianceRoot.ts'
import { bootDebian } from '../../support/debianMachine.ts'
import { layOver } from '../../support/layers.ts'

export const machineName = 'live'
const source = join(import.meta.dirname, '../../..')

/** Releases of this tree, in full and signed by one key: what is installed, a newer one, and one that does not serve on an appliance. */
export const versions: Record<'installed' | 'good' | 'broken', { version: string; more: TreeFile[] }> = {
  installed: { version: '0.9.0', more: [] },
  good: { version: '0.9.1', more: [] },
  broken: { version: '0.9.2', more: [broken] },
}

/** The archives of them, by version; made where they are not there yet. */
export async function makeReleases(place: string): Promise<Record<string, string>> {
  mkdirSync(place, { recursive: true })
  const keyFile = join(place, 'release.key')
  if (!existsSync(keyFile)) writeFileSync(keyFile, newReleaseKey().privateKey, { mode: 0o600 })
  const made: Record<string, string> = {}
  for (const { version, more } of Object.values(versions)) {
    const path = join(place, `quartermaster-${version}.qmr`)
    if (!existsSync(path))
      await makeRelease({
        ...{ source, version, more, folder: place, createdAt: new Date(0), key: readFileSync(keyFile, 'utf8') },
        node: { file: process.execPath, version: process.version.slice(1) },
      })
    made[version] = path
  }
  return made
}

/** The roots of a machine on which a release was installed: `bare` has nothing in it yet, in `serving` a product of the laboratory is registered. */
export type Roots = { bare: string[]; serving: string[] }

/** Installs a release in a Debian of its own, as its operator would, and lets a product register; what is there already is taken as it is. */
export async function makeRoots(place: string, profile: Profile, archive: string): Promise<Roots> {
  const installed = join(place, 'installed')
  const serving = join(place, 'serving')
  if (!existsSync(installed)) {
    const draft = join(place, 'draft')
    rmSync(draft, { recursive: true, force: true })
    makeApplianceRoot(draft, machineName, profile, archive)
    const machine = await bootDebian(draft, machineName)
    try {
      machine.must(installer, '--profile', profile, '--answers', '/root/answers.json')
    } finally {
      await machine.stop()
    }
    renameSync(draft, installed)
  }
  if (!existsSync(serving)) {
    const layer = layOver([installed], join(place, 'registering'))
    const machine = await bootDebian(layer.folder, machineName)
    try {
      machine.must('/opt/quartermaster/current/bin/node', '/root/registerProduct.ts')
    } finally {
      await machine.stop()
      layer.unmount()
    }
    renameSync(layer.upper, serving)
  }
  return { bare: [installed], serving: [serving, installed] }
}
