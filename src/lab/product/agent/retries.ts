import { hour, minute, second } from './clock.ts'
import type { State } from './state.ts'

/**
 * Milliseconds until the next try: "15 min × 4, then 1 h, ±10 % jitter, capped by `retry_after`" (6). `attempts` have failed so far;
 * `random` is in [0, 1). A server that says 0 is asked after a second.
 */
export function retryDelay(attempts: number, random: number, retryAfter?: number): number {
  const delay = Math.round((attempts <= 4 ? 15 * minute : hour) * (0.9 + 0.2 * random))
  return retryAfter === undefined ? delay : Math.min(delay, Math.max(1, retryAfter) * second)
}

/** The state's note of one more failed attempt, and of when to try again. */
export function oneMoreAttempt(retry: State['retry'], now: number, random: number, retryAfter?: number): State['retry'] {
  const attempts = (retry?.attempts ?? 0) + 1
  return { attempts, at: now + retryDelay(attempts, random, retryAfter) }
}
