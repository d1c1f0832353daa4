import type { OverallStatus } from '../../../wire/messages/authorization.ts'
import { isTag, tagVersion } from '../../../wire/udi.ts'
import { takeAnswer } from './effects.ts'
import { exchange } from './exchange.ts'
import { CommunicationFailure } from './failures.ts'
import { notRegistered, type Outcome } from './outcome.ts'
import { replyData } from './registration.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { Authorization, Message, State, Use } from './state.ts'

export type Reported = { status: OverallStatus; entitlements: Authorization['entitlements']; renewAt: number; deadline: number }

/**
 * Changes what the product uses, and reports it: "the complete absolute usage, not a delta; missing or 0 = released" (5.5). Without a
 * registration the change is kept, to be reported after one, and refused.
 */
export async function report(session: Session, changes: readonly Use[]): Promise<Outcome<Reported>> {
  await session.change(usageAfter(session.state, changes, session.now()))
  return renewAuthorization(session)
}

function usageAfter(state: State, changes: readonly Use[], now: number): Partial<State> {
  const counts = new Map([...state.usage, ...changes].map(({ tag, count }) => [tag, count]))
  const usage = [...counts].filter(([, count]) => count > 0).map(([tag, count]) => ({ tag, count }))
  const evaluates = state.registration === null && usage.length > 0
  return {
    usage,
    entitlementVersion: state.entitlementVersion + 1,
    evaluationStartedAt: evaluates ? (state.evaluationStartedAt ?? now) : state.evaluationStartedAt,
  }
}

/** AUTHORIZATION (5.5): reports what the product uses, as every 30 days and as after each change. */
export async function renewAuthorization(session: Session): Promise<Outcome<Reported>> {
  if (!session.state.registration) return notRegistered
  const believed = await exchange(session, authorizationMessage(session.state))
  const current = staleAgainst(believed)
  if (current === undefined) return takeAuthorization(session, believed)
  await session.change({ entitlementVersion: current + 1 })
  return takeAuthorization(session, await exchange(session, authorizationMessage(session.state)))
}

const authorizationMessage = ({ usage, entitlementVersion, registration }: State): Message => ({
  type: 'AUTHORIZATION',
  keyName: registration!.keyName,
  nameless: false,
  data: {
    entitlement_version: entitlementVersion,
    entitlements: usage.map(({ tag, count }) => ({ tag, version: isTag(tag) ? tagVersion(tag) : null, count })),
  },
})

/** The version that the server holds where it calls ours stale: "resend with current (122)". It is the last number of its sentence. */
function staleAgainst({ fields }: Believed): number | undefined {
  if (fields.message_code !== 'STALE_USAGE') return undefined
  const numbers = fields.message?.match(/\d{1,15}/g)
  return numbers ? Number(numbers.at(-1)) : undefined
}

async function takeAuthorization(session: Session, believed: Believed): Promise<Outcome<Reported>> {
  const { registration, entitlementVersion } = session.state
  const at = session.now()
  if (believed.fields.status !== 'OK') {
    const reason = believed.fields.message_code ?? believed.fields.status
    return takeAnswer(session, believed, registration!.keyName, { authorizationAttempt: { at, succeeded: false, reason } })
  }
  const data = replyData('AUTHORIZATION', believed)
  if (data.entitlement_version !== entitlementVersion) {
    throw new CommunicationFailure('wrongEntitlementVersion', 'The answer is about another state of the usage than the one reported.')
  }
  const { overall_status: status, entitlements, renew_at: renewAt, deadline } = data
  await session.change({
    // "Any later message with the new cert counts as the ack" (5.5).
    registration: { ...registration!, acknowledged: true },
    authorization: { status, at, renewAt, deadline, entitlements },
    authorizationAttempt: { at, succeeded: true, reason: null },
    reportedVersion: entitlementVersion,
    underWay: null,
    retry: null,
  })
  return { result: 'done', status, entitlements, renewAt, deadline }
}
