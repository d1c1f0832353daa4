import type { Happened } from '../agent/happened.ts'
import type { RegistrationStatus } from '../agent/status.ts'
import { moment, section } from './text.ts'

/** The section `Registration:` of `show license status` and `all`. */
export function registrationSection(registration: RegistrationStatus): string {
  const { status, smartAccount, virtualAccount, exportControlled, initial, lastRenewal, nextRenewal, expires, nextAttempt, ended } =
    registration
  const isRegistered = status === 'REGISTERED'
  return section('Registration:', [
    `Status: ${words[status]}`,
    smartAccount === null ? undefined : `Smart Account: ${smartAccount}`,
    virtualAccount === null ? undefined : `Virtual Account: ${virtualAccount}`,
    `Export-Controlled Functionality: ${exportControlled}`,
    initial && (isRegistered || !ended) ? `Initial Registration: ${attempted(initial)}` : undefined,
    isRegistered ? `Last Renewal Attempt: ${lastRenewal ? attempted(lastRenewal) : 'None'}` : undefined,
    nextRenewal ? `Next Renewal Attempt: ${moment(nextRenewal)}` : undefined,
    nextAttempt ? `Next Registration Attempt: ${moment(nextAttempt)}` : undefined,
    expires ? `Registration Expires: ${moment(expires)}` : undefined,
    ended ? `Registration Ended: ${moment(ended.at)}\n    Reason: ${ended.reason}` : undefined,
  ])
}

const words: Record<RegistrationStatus['status'], string> = {
  UNREGISTERED: 'UNREGISTERED',
  REGISTERING: 'REGISTERING - REGISTRATION IN PROGRESS',
  FAILED: 'UNREGISTERED - REGISTRATION FAILED',
  EXPIRED: 'UNREGISTERED - REGISTRATION EXPIRED',
  REGISTERED: 'REGISTERED',
}

/** `SUCCEEDED on …`, or `FAILED on …` with the reason on a line of its own. */
export const attempted = ({ at, succeeded, reason }: Happened): string =>
  succeeded ? `SUCCEEDED on ${moment(at)}` : `FAILED on ${moment(at)}\n    Failure reason: ${reason ?? 'unknown'}`
