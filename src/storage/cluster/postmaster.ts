import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lastLines, lengthOfLog } from './log.ts'
import { type Place, runProgram } from './program.ts'

/** The process that postmaster.pid names, and whether it takes connections; undefined when there is no such file. */
function readPidFile(folder: string): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' }
  } catch {
    return undefined
  }
}

/** How a running database is known to be that of `folder`: a setting without effect, which everybody may read in its command line. */
const mark = (folder: string) => `quartermaster.folder=${realpathSync(folder)}`

function isPostmasterOf(folder: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(mark(folder))
  } catch {
    return false
  }
}

/** The database that runs on `folder`, if any. A number in postmaster.pid that belongs to another program by now is none. */
export function runningOn(folder: string): { pid: number; ready: boolean } | undefined {
  const written = readPidFile(folder)
  return written && isPostmasterOf(folder, written.pid) ? written : undefined
}

/**
 * Removes a lock file whose process is gone. After a power cut its number may belong to any program, and PostgreSQL would refuse to start if
 * that program is one of the same user. The file is moved aside first and looked at again, because another server may be starting the same
 * cluster at this moment and have put its own there.
 */
function removeStaleLock(folder: string, name: string): void {
  const file = join(folder, name)
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(file, aside)
    if (isPostmasterOf(folder, Number.parseInt(readFileSync(aside, 'utf8'), 10))) linkSync(aside, file)
    rmSync(aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/**
 * Starts PostgreSQL on a cluster on which nothing runs, and does not wait. Away from the terminal, so that Ctrl-C ends the server, which then
 * ends the database in order. Were processes of a killed database still at work there, their shared memory would stop the new one.
 */
function startPostmaster(place: Place): ChildProcess {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) removeStaleLock(place.folder, name)
  const child = runProgram(place, 'postgres', ['-c', mark(place.folder)], { detached: true })
  child.unref()
  return child
}

/** Tells a running database that its settings were written anew: who may connect takes effect at once, without it a new caller stays out. */
export function reloadSettings(folder: string): void {
  const running = runningOn(folder)
  if (running) process.kill(running.pid, 'SIGHUP')
}

/** Ends the database in order: clients are sent away, what they finished is kept. Waits until it is gone; throws after a minute. */
export async function stopPostmaster(folder: string): Promise<void> {
  const pid = runningOn(folder)?.pid
  if (pid === undefined) return
  process.kill(pid, 'SIGINT')
  for (const deadline = performance.now() + 60_000; isPostmasterOf(folder, pid); await pause(10)) {
    if (performance.now() > deadline) throw new Error(`The database (process ${pid}) did not stop within a minute.`)
  }
}

/** Reasons of another process that is just leaving or just coming: worth another try. */
const passing = /lock file ".*" already exists|pre-existing shared memory block/

/** One attempt: waits until the database of `place` is ready, or the process started for it has ended. Returns what it said when it ended. */
async function attempt(place: Place): Promise<string | undefined> {
  const before = lengthOfLog(place.log)
  const child = startPostmaster(place)
  let ended = false
  let failure: Error | undefined
  child.once('exit', () => (ended = true)).once('error', error => (failure = error))
  // A crash is recovered from meanwhile, which may take minutes, so there is no limit while it is at work.
  while (!ended && !failure && !runningOn(place.folder)?.ready) await pause(10)
  return failure?.message ?? (ended ? lastLines(place.log, before) : undefined)
}

/**
 * Waits until a database runs on the cluster of `place` and takes connections; starts it unless it runs already. Throws, with its last words,
 * when it does not come up.
 */
export async function bringUp(place: Place): Promise<void> {
  const patience = performance.now() + 20_000
  for (let running = runningOn(place.folder); !running?.ready; running = runningOn(place.folder)) {
    const said = running ? undefined : await attempt(place)
    if (said !== undefined && !(passing.test(said) && performance.now() < patience)) {
      throw new Error(`The database in ${place.folder} did not start. It said: ${said}`)
    }
    await pause(10)
  }
}
