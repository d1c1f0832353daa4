import type { RequestType } from '../../../wire/messages/types.ts'
import { unregistered } from './effects.ts'
import { CommunicationFailure } from './failures.ts'
import { finishWhatWasLeft } from './leftovers.ts'
import type { Outcome } from './outcome.ts'
import { oneMoreAttempt } from './retries.ts'
import type { Session } from './session.ts'
import type { State } from './state.ts'

/**
 * Does a deed that sends `type`, after what was left open. A left-over of the same kind that succeeds is the deed; one of another kind must
 * succeed first.
 */
export function attempt<Done>(session: Session, type: RequestType, deed: () => Promise<Outcome<Done>>): Promise<Outcome<Done>> {
  return guarded(session, type, async () => {
    await expireIfOver(session)
    const left = session.state.underWay?.message.type
    const outcome = await finishWhatWasLeft(session)
    if (!outcome) return deed()
    const isTheDeed = left === type
    if (isTheDeed ? outcome.result === 'refused' : outcome.result === 'done') return deed()
    return outcome as Outcome<Done>
  })
}

/** Runs `deed`; a communication failure is written down with the time of the next try, and given as an outcome. */
export async function guarded<Done>(session: Session, type: RequestType, deed: () => Promise<Outcome<Done>>): Promise<Outcome<Done>> {
  try {
    return await deed()
  } catch (error) {
    if (!(error instanceof CommunicationFailure)) throw error
    return writeDown(session, type, error)
  }
}

/** "ID cert end: EXPIRED" (5.10): past its certificate's end a product is not registered, whether it asks the server or not. */
export async function expireIfOver(session: Session): Promise<void> {
  const { registration } = session.state
  if (!registration || session.now() <= registration.expiresAt) return
  await session.change(unregistered(session.state, registration.expiresAt, 'The ID certificate has expired.'))
}

async function writeDown(session: Session, type: RequestType, failure: CommunicationFailure): Promise<Outcome<never>> {
  const { code, message: sentence, retryAfter } = failure
  const at = session.now()
  const retry = oneMoreAttempt(session.state.retry, at, session.random(), retryAfter)
  const note = noteOf(type, { at, succeeded: false, reason: sentence }, session.state)
  if (type !== 'HELLO') await session.change({ retry, ...note })
  return { result: 'failed', code, sentence, retryAfter }
}

function noteOf(type: RequestType, failed: State['registrationAttempt'], { registration }: State): Partial<State> {
  if (type === 'AUTHORIZATION') return { authorizationAttempt: failed }
  if (type === 'ID_CERT_RENEWAL') return { renewalAttempt: failed }
  return type === 'REGISTRATION' && !registration ? { registrationAttempt: failed } : {}
}
