import { type AuthorizationStatus, authorizationStatusOf } from './authorizationStatus.ts'
import { type ConversionStatus, conversionStatusOf } from './conversionStatus.ts'
import { type Happened, happened } from './happened.ts'
import type { Identity } from './identity.ts'
import { type LicenseStatus, licensesOf } from './licenseStatus.ts'
import type { State } from './state.ts'
import type { Transport } from './transport.ts'

/** What a product can say about itself, for a page, a test or a command line. */
export type AgentStatus = {
  identity: Identity
  transport: Transport
  url: string
  registration: RegistrationStatus
  authorization: AuthorizationStatus
  licenses: LicenseStatus[]
  conversion: ConversionStatus
}

export type RegistrationStatus = {
  status: 'UNREGISTERED' | 'REGISTERING' | 'FAILED' | 'EXPIRED' | 'REGISTERED'
  instanceId: string | null
  smartAccount: string | null
  virtualAccount: string | null
  exportControlled: 'ALLOWED' | 'NOT ALLOWED'
  acknowledged: boolean
  initial: Happened | null
  lastRenewal: Happened | null
  nextRenewal: Date | null
  expires: Date | null
  nextAttempt: Date | null
  ended: { at: Date; reason: string } | null
}

/** The status at `now`. Nothing flips by itself in the state: what has run out is told from its date. */
export function statusOf(state: State, product: Pick<AgentStatus, 'identity' | 'transport' | 'url'>, now: Date): AgentStatus {
  return {
    ...product,
    registration: registrationStatusOf(state, now),
    authorization: authorizationStatusOf(state, now),
    licenses: licensesOf(state, now),
    conversion: conversionStatusOf(state),
  }
}

function registrationStatusOf(state: State, now: Date): RegistrationStatus {
  const { registration, ended, retry } = state
  const status = wordOf(state, now)
  return {
    status,
    instanceId: registration?.instanceId ?? null,
    smartAccount: registration?.smartAccount ?? null,
    virtualAccount: registration?.virtualAccount ?? null,
    exportControlled: registration?.exportControlled ?? 'NOT ALLOWED',
    acknowledged: registration?.acknowledged ?? false,
    initial: happened(state.registrationAttempt),
    lastRenewal: happened(state.renewalAttempt),
    nextRenewal: registration && new Date(registration.renewAt),
    expires: registration && new Date(registration.expiresAt),
    nextAttempt: status === 'REGISTERING' && retry ? new Date(retry.at) : null,
    ended: ended && { at: new Date(ended.at), reason: ended.reason },
  }
}

function wordOf({ registration, wanted, registrationAttempt, ended }: State, now: Date): RegistrationStatus['status'] {
  if (registration) return now.getTime() > registration.expiresAt ? 'EXPIRED' : 'REGISTERED'
  if (wanted) return 'REGISTERING'
  if (ended) return /expired/.test(ended.reason) ? 'EXPIRED' : 'UNREGISTERED'
  return registrationAttempt && !registrationAttempt.succeeded ? 'FAILED' : 'UNREGISTERED'
}
