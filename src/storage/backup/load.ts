import { once } from 'node:events'
import { databaseOf } from './address.ts'
import { findProgram, startProgram } from './programs.ts'

/** Where an entry of a backup goes, piece by piece. `end` is kept when all of it has arrived; `cancel` is for when no more comes. */
export type Sink = { write(bytes: Buffer): Promise<void>; end(): Promise<void>; cancel(): void }

const args = ['--format=custom', '--no-owner', '--no-privileges', '--no-comments', '--exit-on-error']

/**
 * Loads what pg_dump wrote into the empty database of `connection`, as it comes: no clear text touches the disk. Constraints are checked on the
 * way. `postgres` is the major version that wrote it.
 */
export function openLoad(connection: string, postgres: number): Sink {
  const { child, ended } = startProgram(findProgram('pg_restore', postgres), [...args, `--dbname=${databaseOf(connection)}`], connection)
  const input = child.stdin!
  // When pg_restore gives up, its own words are the reason and not the broken pipe.
  input.on('error', () => {})
  return {
    async write(bytes) {
      if (input.destroyed) return ended
      if (!input.write(bytes)) await Promise.race([once(input, 'drain'), ended])
    },
    async end() {
      input.end()
      await ended
    },
    cancel: () => void child.kill(),
  }
}
