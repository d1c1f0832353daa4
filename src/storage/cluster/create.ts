import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLines, lengthOfLog } from './log.ts'
import { giveTo } from './owner.ts'
import { type Place, runProgram } from './program.ts'

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
 * Makes the cluster of `place`, unless it is there: beside it first, then in its place by one rename, so that a half-made one is never taken
 * for a whole one, and of two servers that start at once one makes it. Quotes initdb's last words when it fails. `fast` does not wait for the disk.
 */
export async function createCluster(place: Place, fast: boolean): Promise<void> {
  if (majorOfCluster(place.folder) !== undefined) return
  const draft = mkdtempSync(join(dirname(place.folder), 'postgres.new-'))
  const before = lengthOfLog(place.log)
  try {
    giveTo(place.owner, draft)
    const [code] = await once(runProgram({ ...place, folder: draft }, 'initdb', fast ? [...answers, '--no-sync'] : answers), 'exit')
    if (code !== 0) throw new Error(`The database could not be made in ${place.folder}. PostgreSQL said: ${lastLines(place.log, before)}`)
    renameSync(draft, place.folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (majorOfCluster(place.folder) === undefined) throw error
  }
}
