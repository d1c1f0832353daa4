import { later } from '../../src/rules/clock.ts'

/** A clock that stands until a test moves it. */
export type TestClock = { now(): Date; advance(milliseconds: number): void; set(to: Date): void }

/** A clock that stands at `start`. */
export function testClock(start = new Date('2026-03-01T12:00:00Z')): TestClock {
  let now = start
  return {
    now: () => now,
    advance: milliseconds => {
      now = later(now, milliseconds)
    },
    set: to => {
      now = to
    },
  }
}
