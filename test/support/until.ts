import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `condition` holds, asking again and again; throws after `limit` milliseconds. */
export async function until(condition: () => unknown, limit = 40_000): Promise<void> {
  for (const deadline = performance.now() + limit; !(await condition()); await pause(20)) {
    if (performance.now() > deadline) throw new Error(`This did not come about within ${limit} ms: ${condition}`)
  }
}
