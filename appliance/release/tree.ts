import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dependency } from './dependencies.ts'

/** A file of the tree: where its bytes are, or the bytes. */
export type TreeFile = { path: string; mode: 0o644 | 0o755; from: string | Buffer }

/** What of the source runs, or is read by who runs it. No tests, nothing of development. */
const folders = ['appliance', 'sql', 'src', 'tui', 'views']
const files = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package-lock.json', 'package.json']
const left = ['views/screenshots', 'appliance/image/pictures']

/** What packages carry for those who develop with them. Licenses stay. */
const notRun =
  /\.(md|markdown|map|flow|d\.[mc]?ts)$|^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+\/(docs|tests?|__tests__|bench|benchmarks?|examples?)\//i
const isLicense = /(^|\/)(licen[cs]e|notice|copying)[^/]*$/i

/** Every plain file below a folder, by its path from `root`, in the order of their names. A link is a mistake: nothing in a release is one. */
function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (left.includes(path) || entry.name.startsWith('.')) return []
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(root, path)
      if (!entry.isFile()) throw new Error(`${path} is neither a file nor a folder, and cannot be in a release.`)
      return [path]
    })
}

function fileOf(source: string, path: string): TreeFile {
  const mode = lstatSync(join(source, path)).mode & 0o100 ? 0o755 : 0o644
  return { path, mode, from: join(source, path) }
}

/** The tree of a release, in the order of its archive: the source, its production dependencies, and what `more` puts there or puts in the place of something. */
export function listTree(source: string, dependencies: Dependency[], more: TreeFile[]): TreeFile[] {
  const own = [...files, ...folders.filter(folder => existsSync(join(source, folder))).flatMap(folder => listFiles(source, folder))]
  // A package inside a package stands in the list for itself.
  const packages = dependencies
    .flatMap(({ folder }) => listFiles(source, folder))
    .filter(path => isLicense.test(path) || !notRun.test(path))
  const tree = new Map([...own, ...packages].map(path => [path, fileOf(source, path)]))
  for (const file of more) tree.set(file.path, file)
  return [...tree.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

export const bytesOf = ({ from }: TreeFile): Buffer => (typeof from === 'string' ? readFileSync(from) : from)
