import { setTimeout as after } from 'node:timers/promises'
import type { Job } from './jobs.ts'

export type Pace = { concurrency: number; rate: number | undefined; signal: AbortSignal }

/**
 * Does jobs, so many at once and, with a rate, each at its own moment: `perform` is told when the job should have begun, so that waiting for a
 * slow server counts as waiting. Ends with the jobs, or when it is told to stop.
 */
export async function drive(jobs: Iterable<Job>, pace: Pace, perform: (job: Job, due: number) => Promise<void>): Promise<void> {
  const queue = jobs[Symbol.iterator]()
  const began = performance.now()
  let taken = 0
  const worker = async () => {
    while (!pace.signal.aborted) {
      const due = pace.rate === undefined ? performance.now() : began + (taken++ * 1000) / pace.rate
      await waitUntil(due, pace.signal)
      if (pace.signal.aborted) return
      const next = queue.next()
      if (next.done) return
      await perform(next.value, pace.rate === undefined ? performance.now() : due)
    }
  }
  await Promise.all(Array.from({ length: pace.concurrency }, worker))
}

async function waitUntil(moment: number, signal: AbortSignal): Promise<void> {
  const wait = moment - performance.now()
  if (wait > 1) await after(wait, undefined, { signal }).catch(() => undefined)
}
