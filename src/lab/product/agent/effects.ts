import { second } from './clock.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { Believed } from './reply.ts'
import { oneMoreAttempt } from './retries.ts'
import type { Session } from './session.ts'
import type { State } from './state.ts'

/** What a product forgets when it is not registered any more. Its wish to use licenses stays, and its evaluation period begins. */
export function unregistered(state: State, at: number, reason: string): Partial<State> {
  const evaluationStartedAt = state.usage.length > 0 ? (state.evaluationStartedAt ?? at) : state.evaluationStartedAt
  return {
    registration: null,
    underWay: null,
    waiting: null,
    retry: null,
    authorization: null,
    reportedVersion: 0,
    evaluationStartedAt,
    ended: { at, reason },
  }
}

/** "unknown instance: un-register", "expired ID cert: un-register (42)" (5.7). */
const endsRegistration = (code: string) => code === 'UNKNOWN_INSTANCE' || code === 'ID_CERT_EXPIRED'

/** "retry" or "back off" (5.7): the same registration may succeed later without anybody doing something about it here. */
export const mayPass = (code: string): boolean =>
  ['SERVER_ERROR', 'CLOCK_SKEW', 'ACCOUNT_EXPIRED', 'BAD_SIGNATURE', 'REPLAY'].includes(code)

/**
 * Writes down what an answer other than OK does to the product, whatever was asked, and gives the outcome. `more` is what else changes in
 * the same write. After a refusal the timers wait, too: what is still due must not be asked for again at once.
 */
export async function takeAnswer(
  session: Session,
  { fields, signer }: Believed,
  keyName: string,
  more: Partial<State> = {},
): Promise<Outcome<never>> {
  const { state } = session
  const now = session.now()
  const tryAgain = (retryAfter?: number) => oneMoreAttempt(state.retry, now, session.random(), retryAfter)
  const outcome = outcomeOf(fields)
  const settled = { underWay: null, waiting: null, ...more }
  if (outcome.result === 'waiting') {
    const { pollId, interval, action } = outcome
    await session.change({
      ...settled,
      retry: null,
      waiting: { pollId, interval, action, keyName, at: now + Math.max(1, interval) * second },
    })
  } else if (outcome.result === 'busy') {
    await session.change({ ...settled, retry: tryAgain(outcome.retryAfter) })
  } else if (state.registration && signer.standing !== 'stranger' && endsRegistration(outcome.code)) {
    await session.change({ ...settled, ...unregistered(state, now, outcome.sentence) })
  } else {
    await session.change({ ...settled, retry: tryAgain() })
  }
  return outcome
}
