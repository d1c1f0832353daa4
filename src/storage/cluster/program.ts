import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { callerIsRoot, type Owner } from './owner.ts'

/** A cluster's folder and everything needed to run a program on it. */
export type Place = { folder: string; owner: Owner; programs: string; log: string }

/**
 * Runs one of PostgreSQL's programs on the cluster in `folder`, as its owner, and has it write to the log.
 *
 * The owner may not be able to walk to the folder: below /root, say, nobody but root may pass. So the program gets the folder as an open
 * descriptor (number 3) and knows it as /proc/self/fd/3: following that link opens what the descriptor holds and walks no path. Its working
 * folder must be one it may enter, and "/" is: PostgreSQL 15 leaves it and comes back while it looks for its own program.
 */
export function runProgram(
  { folder, owner, programs, log }: Place,
  name: string,
  args: string[],
  options: SpawnOptions = {},
): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  const held = openSync(folder, 'r')
  const who: SpawnOptions = callerIsRoot() ? { uid: owner.uid, gid: owner.gid } : {}
  try {
    return spawn(`${programs}/${name}`, ['-D', '/proc/self/fd/3', ...args], {
      ...options,
      ...who,
      cwd: '/',
      stdio: ['ignore', output, output, held],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    })
  } finally {
    closeSync(output)
    closeSync(held)
  }
}
