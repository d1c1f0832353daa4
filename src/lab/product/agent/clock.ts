import { readFileSync } from 'node:fs'

/** Where the time comes from, so that a product can live a year in a second. */
export type Clock = { now(): Date }

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The machine's own time. */
export const systemClock: Clock = { now: () => new Date() }

const rereadAfter = 200

/**
 * The laboratory's time: the machine's plus the number of milliseconds in `file` (lab.md, `clock`). A file that is not there, or holds no
 * number, adds nothing. It is read five times a second at most, because a fleet asks for the time thousands of times.
 */
export function laboratoryClock(file: string): Clock {
  let ahead = 0
  let readAt = Number.NEGATIVE_INFINITY
  return {
    now() {
      if (performance.now() - readAt > rereadAfter) {
        ahead = millisecondsIn(file)
        readAt = performance.now()
      }
      return new Date(Date.now() + ahead)
    },
  }
}

function millisecondsIn(file: string): number {
  try {
    const number = Number(readFileSync(file, 'utf8').trim())
    return Number.isFinite(number) ? number : 0
  } catch {
    return 0
  }
}
