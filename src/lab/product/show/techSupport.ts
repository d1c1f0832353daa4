import type { AgentStatus } from '../agent/status.ts'
import { showAll } from './all.ts'
import { moment, section, title } from './text.ts'

/** `show license tech support`: everything, and what somebody who helps from afar asks for next: names in full, and what the timers wait for. */
export const showTechSupport = (status: AgentStatus, now: Date): string =>
  [
    showAll(status, now),
    `${title('Agent Details')}\nTime: ${moment(now)}`,
    instance(status),
    section('Timers:', [
      timer('ID certificate renewal', status.registration.nextRenewal),
      timer('ID certificate end', status.registration.expires),
      timer('Registration', status.registration.nextAttempt),
      timer('Authorization', status.authorization.nextCommunication),
      timer('Authorization deadline', status.authorization.deadline),
      timer('Conversion poll', status.conversion.nextPoll),
    ]),
    section(
      'Entitlements:',
      status.licenses.map(({ tag, count, status: word }) => `Tag: ${tag}, Count: ${count}, Status: ${word}`),
    ),
  ].join('\n\n')

const instance = ({ identity, registration: { instanceId, acknowledged } }: AgentStatus) =>
  section('Instance:', [
    `Product Instance Identifier: ${instanceId ?? '<none>'}`,
    `Software Tag: ${identity.softwareTag}`,
    `ID Certificate Acknowledged: ${instanceId === null ? '<none>' : acknowledged ? 'yes' : 'no'}`,
  ])

const timer = (name: string, at: Date | null) => `${name}: ${at ? moment(at) : '<none>'}`
