import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PairStatus } from './status.ts'

/** A status older than this is of an agent that does not run. Milliseconds. */
const fresh = 10_000

/** What the agent of this machine last wrote; undefined where there is none, which is a machine that stands alone. `isFresh`: whether it still writes. */
export function readPairStatus(volatile: string, now: Date): (PairStatus & { isFresh: boolean }) | undefined {
  try {
    const status: PairStatus = JSON.parse(readFileSync(join(volatile, 'status.json'), 'utf8'))
    return { ...status, isFresh: now.getTime() - Date.parse(status.at) < fresh }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
