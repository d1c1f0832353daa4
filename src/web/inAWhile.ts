import { setTimeout as pause } from 'node:timers/promises'
import type { Visitor } from './visit.ts'

/**
 * Gives what comes of `work` if it comes while the visitor is patient; undefined while it goes on. Then it goes on by itself: how it ends stands
 * in its own row (of `synchronizations`, of `instance_batches`), which a page watches.
 */
export async function inAWhile<T>({ context, patience }: Visitor, work: Promise<T>): Promise<T | undefined> {
  work.catch((error: Error) => context.log.warn({ reason: error.message }, 'What a page had started has failed'))
  const stop = new AbortController()
  try {
    return await Promise.race([work, pause(patience, undefined, { signal: stop.signal })])
  } finally {
    stop.abort()
  }
}
