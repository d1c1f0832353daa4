import { mayPass, takeAnswer } from './effects.ts'
import { resume } from './exchange.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { registrationFrom, replyData } from './registration.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { State, UnderWay } from './state.ts'

export type Registered = { instanceId: string; smartAccount: string; virtualAccount: string }

/** Sends an open REGISTRATION again. */
export const resumeRegistration = async (session: Session, underWay: UnderWay): Promise<Outcome<Registered>> =>
  takeRegistration(session, await resume(session, underWay), underWay.message.keyName)

/** A refusal that time alone does not heal ends the wish, and the token is forgotten. */
function refusedRegistration({ fields }: Believed, at: number): Partial<State> {
  const outcome = outcomeOf(fields)
  if (outcome.result !== 'refused') return {}
  const registrationAttempt = { at, succeeded: false, reason: outcome.sentence }
  return mayPass(outcome.code) || outcome.code === 'UNKNOWN_POLL' ? { registrationAttempt } : { registrationAttempt, wanted: null }
}

/** Takes the answer to a REGISTRATION, whether it came at once or was polled for. */
export async function takeRegistration(session: Session, believed: Believed, keyName: string): Promise<Outcome<Registered>> {
  const now = session.now()
  if (believed.fields.status !== 'OK') return takeAnswer(session, believed, keyName, refusedRegistration(believed, now))
  const data = replyData('REGISTRATION', believed)
  const issued = await registrationFrom(session, data, believed, keyName)
  const accounts = { smartAccount: data.smart_account, virtualAccount: data.virtual_account }
  await session.change({
    registration: { ...issued, ...accounts, registeredAt: now },
    registrationAttempt: { at: now, succeeded: true, reason: null },
    renewalAttempt: null,
    authorization: null,
    authorizationAttempt: null,
    evaluationStartedAt: null,
    reportedVersion: 0,
    entitlementVersion: session.state.entitlementVersion + 1,
    wanted: null,
    underWay: null,
    waiting: null,
    retry: null,
    ended: null,
  })
  return { result: 'done', instanceId: issued.instanceId, ...accounts }
}
