import { setTimeout as pause } from 'node:timers/promises'
import type { HttpAnswer } from './http.ts'
import { WayFault } from './wayFault.ts'

/** How long to wait before each further try, in milliseconds; as many tries as there are pauses follow the first. */
export const pauses = [500, 2000] as const
/** Longer than this nobody is kept waiting; the schedule comes back by itself. */
const longestWish = 30

/**
 * What a call is: one that only asks may be made again whatever became of it; what carries a container is made again only where nothing of it can
 * have been taken. (An exchange whose answer was lost is carried again as a whole, in the same bytes: `src/synchronization`.)
 */
export type Nature = 'asks' | 'carries'

const passing = ['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'PROXY_CANNOT']

/** Whether a fault may be gone in a moment, and the call may be made again. What waited for its time to run out has waited enough. */
const mayMend = (error: unknown, nature: Nature) =>
  error instanceof WayFault && passing.includes(error.code) && (error.step !== 'answer' || nature === 'asks')

/** After how many milliseconds the cloud wants to be asked again: its own wish, or ours where it is in trouble; undefined where its answer counts. */
function wishOf({ status, headers }: HttpAnswer, nature: Nature, own: number): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  if ((status === 429 || status === 503) && seconds >= 0) return seconds <= longestWish ? Math.max(seconds * 1000, own) : undefined
  return nature === 'asks' && [502, 503, 504].includes(status) ? own : undefined
}

/** Makes a call, and again after growing pauses while it fails in a way that may mend. The pauses vary, so that not all come back at once. */
export async function patiently(work: () => Promise<HttpAnswer>, nature: Nature, waits: readonly number[] = pauses): Promise<HttpAnswer> {
  for (const wait of waits.map(vary)) {
    try {
      const answer = await work()
      const wish = wishOf(answer, nature, wait)
      if (wish === undefined) return answer
      await pause(wish)
    } catch (error) {
      if (!mayMend(error, nature)) throw error
      await pause(wait)
    }
  }
  return work()
}

const vary = (milliseconds: number) => milliseconds * (0.5 + Math.random())
