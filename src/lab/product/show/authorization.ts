import type { AuthorizationStatus } from '../agent/authorizationStatus.ts'
import { attempted } from './registration.ts'
import { moment, section, span } from './text.ts'

/** The section `License Authorization:` of `show license status` and `all`. */
export const authorizationSection = (authorization: AuthorizationStatus, now: Date): string =>
  section('License Authorization:', [statusLine(authorization), evaluationLine(authorization, now), ...communicationLines(authorization)])

/** `Status: AUTHORIZED on …`: the date is of the last answer, or of the end of what has run out. */
export function statusLine({ status, since }: AuthorizationStatus): string {
  const word = status === 'NO LICENSES IN USE' ? 'No Licenses in Use' : status
  return `Status: ${word}${since ? ` on ${moment(since)}` : ''}`
}

const evaluationLine = ({ status, evaluationEnds }: AuthorizationStatus, now: Date) =>
  status === 'EVAL MODE' && evaluationEnds ? `Evaluation Period Remaining: ${span(evaluationEnds.getTime() - now.getTime())}` : undefined

const communicationLines = ({ lastCommunication, nextCommunication, deadline }: AuthorizationStatus) =>
  nextCommunication === null
    ? []
    : [
        `Last Communication Attempt: ${lastCommunication ? attempted(lastCommunication) : 'None'}`,
        `Next Communication Attempt: ${moment(nextCommunication)}`,
        deadline ? `Communication Deadline: ${moment(deadline)}` : undefined,
      ]
