import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../../context.ts'

/** How long somebody watches a page load before it shows how far the work is. */
const patience = 2500

/**
 * Gives what comes of `work` if it comes soon; undefined while it goes on. Then it goes on by itself: how it ends stands in its row of
 * `synchronizations`, which a page watches.
 */
export async function inAWhile<T>({ log }: Context, work: Promise<T>): Promise<T | undefined> {
  work.catch((error: Error) => log.warn({ reason: error.message }, 'What a page had started has failed'))
  const stop = new AbortController()
  try {
    return await Promise.race([work, pause(patience, undefined, { signal: stop.signal })])
  } finally {
    stop.abort()
  }
}
