import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { callerIsRoot, type Owner } from './owner.ts'

/** Where root keeps copies of programs: only root may write below it, so nobody can slip in a program of theirs. */
const cache = '/var/cache/quartermaster'

const runsAs = (owner: Owner, program: string) =>
  spawnSync(program, ['--version'], { uid: owner.uid, gid: owner.gid, cwd: '/', stdio: 'ignore' }).status === 0

/** Copies whole or not at all: into a folder of its own, which then takes its place by one rename. */
function copyForAll(from: string, to: string): void {
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const draft = mkdtempSync(join(cache, '.copy-'))
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true })
  for (const entry of readdirSync(draft, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755)
  }
  chmodSync(draft, 0o755)
  try {
    renameSync(draft, to)
  } catch (error) {
    rmSync(draft, { recursive: true })
    if (!existsSync(to)) throw error
  }
}

/**
 * The folder of `programs` as `owner` may run them. Programs in node_modules below a folder that only root may enter cannot be run by the
 * cluster's user: the program finds its libraries and its share folder by its own path, so an open descriptor is no help there as it is for
 * the data, and capabilities that would be (CAP_DAC_READ_SEARCH) are missing in common containers. They are copied, once a version.
 */
export function readablePrograms(folder: string, owner: Owner): string {
  const program = join(folder, 'postgres')
  if (!callerIsRoot() || runsAs(owner, program)) return folder
  const version = createHash('sha256').update(readFileSync(program)).digest('hex').slice(0, 16)
  const copy = join(cache, `postgres-${version}`)
  if (!existsSync(copy)) copyForAll(dirname(folder), copy)
  const copied = join(copy, basename(folder))
  if (runsAs(owner, join(copied, 'postgres'))) return copied
  throw new Error(`User ${owner.name} may not run the PostgreSQL programs in ${folder}, nor their copy in ${copied}.`)
}
