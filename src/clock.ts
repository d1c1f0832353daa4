import { readFileSync } from 'node:fs'

/** The time of the machine: the one place of the server that asks it. */
export const systemClock = { now: (): Date => new Date() }

/** A file read five times a second costs nothing, and one that was written twice in a moment is still read rightly. */
const lookEvery = 200

/** The milliseconds in `file`; 0 where there is no such file, or nothing in it yet. */
function offsetIn(file: string): number {
  try {
    const milliseconds = Number(readFileSync(file, 'utf8'))
    return Number.isFinite(milliseconds) ? milliseconds : 0
  } catch {
    return 0
  }
}

/**
 * The laboratory's clock, of the server as of its cloud and its products: the machine's time plus the milliseconds in `file`, "so that a year can pass while you look" (lab.md). Looks into
 * the file at most every 200 ms. Only a laboratory may have it: config.ts refuses the setting elsewhere.
 */
export function laboratoryClock(file: string): { now(): Date } {
  let [offset, lookedAt] = [0, Number.NEGATIVE_INFINITY]
  return {
    now() {
      if (performance.now() - lookedAt >= lookEvery) [offset, lookedAt] = [offsetIn(file), performance.now()]
      return new Date(Date.now() + offset)
    },
  }
}
