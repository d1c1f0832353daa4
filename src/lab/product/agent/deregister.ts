import { takeAnswer, unregistered } from './effects.ts'
import { exchange, resume } from './exchange.ts'
import { notRegistered, type Outcome, outcomeOf } from './outcome.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { UnderWay } from './state.ts'

/** `remark` is what the server said where it neither agreed nor had forgotten the instance already. */
export type Deregistered = { remark: string | null }

/** DEREGISTRATION (5.5): takes leave. "the client treats any signed answer as done": only a server that is busy is asked again. */
export async function deregister(session: Session): Promise<Outcome<Deregistered>> {
  const { registration } = session.state
  if (!registration) return notRegistered
  const { keyName } = registration
  return takeLeave(session, await exchange(session, { type: 'DEREGISTRATION', data: {}, keyName, nameless: false }))
}

/** Sends an open DEREGISTRATION again. */
export const resumeDeregistration = async (session: Session, underWay: UnderWay): Promise<Outcome<Deregistered>> =>
  takeLeave(session, await resume(session, underWay))

async function takeLeave(session: Session, believed: Believed): Promise<Outcome<Deregistered>> {
  const { status } = believed.fields
  if (status === 'OK_TRY_AGAIN' || status === 'OK_POLL') return takeAnswer(session, believed, session.state.registration!.keyName)
  const answer = status === 'OK' ? undefined : outcomeOf(believed.fields)
  await session.change(unregistered(session.state, session.now(), 'The product was deregistered.'))
  const isNews = answer?.result === 'refused' && answer.code !== 'UNKNOWN_INSTANCE'
  return { result: 'done', remark: isNews ? answer.sentence : null }
}
