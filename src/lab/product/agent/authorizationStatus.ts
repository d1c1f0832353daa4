import { day, second } from './clock.ts'
import { type Happened, happened } from './happened.ts'
import type { State } from './state.ts'

/** "evaluation 90 days" (2.6). */
export const evaluationPeriod = 90 * day

export type AuthorizationStatus = {
  status: 'NO LICENSES IN USE' | 'EVAL MODE' | 'EVAL EXPIRED' | 'WAITING' | 'AUTHORIZED' | 'OUT OF COMPLIANCE' | 'AUTHORIZATION EXPIRED'
  since: Date | null
  lastCommunication: Happened | null
  nextCommunication: Date | null
  deadline: Date | null
  evaluationEnds: Date | null
}

/** The instance's authorization at `now`: what the server said last, until its deadline; without a registration, the evaluation period. */
export function authorizationStatusOf(state: State, now: Date): AuthorizationStatus {
  const { registration, authorization, evaluationStartedAt, retry } = state
  const status = wordOf(state, now.getTime())
  const planned = registration && (authorization?.renewAt ?? registration.registeredAt + registration.authorizationInterval * second)
  return {
    status,
    since: sinceOf(state, status),
    lastCommunication: registration && happened(state.authorizationAttempt),
    nextCommunication: planned === null ? null : new Date(retry?.at ?? planned),
    deadline: authorization && new Date(authorization.deadline),
    evaluationEnds: registration || evaluationStartedAt === null ? null : new Date(evaluationStartedAt + evaluationPeriod),
  }
}

function wordOf({ registration, authorization, usage, evaluationStartedAt }: State, now: number): AuthorizationStatus['status'] {
  if (!registration) {
    if (usage.length === 0) return 'NO LICENSES IN USE'
    return now < (evaluationStartedAt ?? now) + evaluationPeriod ? 'EVAL MODE' : 'EVAL EXPIRED'
  }
  if (!authorization) return usage.length === 0 ? 'NO LICENSES IN USE' : 'WAITING'
  if (now > authorization.deadline) return 'AUTHORIZATION EXPIRED'
  return words[authorization.status]
}

const words = {
  AUTHORIZED: 'AUTHORIZED',
  OUT_OF_COMPLIANCE: 'OUT OF COMPLIANCE',
  NO_LICENSES_IN_USE: 'NO LICENSES IN USE',
} as const

function sinceOf({ authorization, evaluationStartedAt }: State, status: AuthorizationStatus['status']): Date | null {
  if (status === 'EVAL EXPIRED') return new Date(evaluationStartedAt! + evaluationPeriod)
  if (status === 'AUTHORIZATION EXPIRED') return new Date(authorization!.deadline)
  return authorization && new Date(authorization.at)
}
