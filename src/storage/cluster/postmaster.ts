import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, openSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lastLines } from './log.ts'
import { callerIsRoot, type Owner } from './owner.ts'

/**
 * Runs one of PostgreSQL's programs for the cluster in `folder`, as its owner.
 *
 * The owner may not be able to walk to the folder: below /root, say, nobody but root may pass. So the program gets the folder as an open
 * descriptor (number 3) and knows it as /proc/self/fd/3: following that link opens what the descriptor holds and walks no path. Its working
 * folder must be one it may enter, and "/" is: PostgreSQL 15 leaves it and comes back while it looks for its own program.
 */
export function runFor(folder: string, owner: Owner, program: string, args: string[], log: string): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  const held = openSync(folder, 'r')
  const who: SpawnOptions = callerIsRoot() ? { uid: owner.uid, gid: owner.gid } : {}
  try {
    return spawn(program, ['-D', '/proc/self/fd/3', ...args], {
      ...who,
      cwd: '/',
      stdio: ['ignore', output, output, held],
      // Away from the terminal: Ctrl-C ends the server, which then ends the database in order.
      detached: true,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    })
  } finally {
    closeSync(output)
    closeSync(held)
  }
}

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
 * Starts PostgreSQL on `folder`, on which nothing runs, and does not wait. Were processes of a killed database still at work there, their
 * shared memory would stop the new one.
 */
export function startPostmaster(folder: string, owner: Owner, program: string, log: string): ChildProcess {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) removeStaleLock(folder, name)
  const child = runFor(folder, owner, program, ['-c', mark(folder)], log)
  child.unref()
  return child
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

/**
 * Waits until a database runs on `folder` and takes connections; starts it unless it runs already. A crash is recovered from meanwhile,
 * which may take minutes, so there is no limit while it is at work. Throws, with the last lines of `log`, when it does not come up.
 */
export async function bringUp(folder: string, owner: Owner, program: string, log: string): Promise<void> {
  const patience = performance.now() + 20_000
  let child: ChildProcess | undefined
  let ended = true
  for (let running = runningOn(folder); !running?.ready; running = runningOn(folder)) {
    if (!running && ended) {
      const said = child ? lastLines(log) : ''
      if (child && !(passing.test(said) && performance.now() < patience))
        throw new Error(`The database in ${folder} did not start. It said: ${said}`)
      ended = false
      child = startPostmaster(folder, owner, program, log)
      child.once('exit', () => (ended = true)).once('error', () => (ended = true))
    }
    await pause(10)
  }
}
