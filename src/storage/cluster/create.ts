import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLines } from './log.ts'
import { giveTo, type Owner } from './owner.ts'
import { runFor } from './postmaster.ts'

/** The major version that made the cluster in `folder`; undefined where there is none yet. */
export function majorOfCluster(folder: string): number | undefined {
  const file = join(folder, 'PG_VERSION')
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined
}

/**
 * The answers initdb wants. The locale is C.UTF-8: it knows letters beyond ASCII, and sorts the same on every machine, so that no upgrade of
 * the system's libraries spoils an index. Checksums find a disk that lies.
 */
const answers = ['--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--auth=peer', '--data-checksums', '--no-instructions']

/**
 * Makes the cluster in `folder`, unless it is there: beside it first, then in its place by one rename, so that a half-made one is never taken
 * for a whole one, and of two servers that start at once one makes it. Quotes initdb's last words when it fails.
 */
export async function createCluster(folder: string, owner: Owner, programs: string, log: string, fast: boolean): Promise<void> {
  if (majorOfCluster(folder) !== undefined) return
  const draft = mkdtempSync(join(dirname(folder), 'postgres.new-'))
  try {
    giveTo(owner, draft)
    const child = runFor(draft, owner, join(programs, 'initdb'), fast ? [...answers, '--no-sync'] : answers, log)
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`The database could not be made in ${folder}. PostgreSQL said: ${lastLines(log)}`)
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (majorOfCluster(folder) === undefined) throw error
  }
}
