import type { EventKind } from '../../storage/events.ts'

/** How a line of the event log looks: a tone of shared/state.njk. What concerns the server alone is not in an account's log. */
export const eventTones: Partial<Record<EventKind, 'success' | 'info' | 'warning' | 'danger' | 'quiet'>> = {
  'product instance registered': 'success',
  'product instance renewed': 'quiet',
  'product instance removed': 'quiet',
  'product instance expired': 'warning',
  'usage changed': 'quiet',
  'out of compliance': 'danger',
  'in compliance': 'success',
  'token created': 'info',
  'token revoked': 'info',
  synchronization: 'info',
  conversion: 'info',
  'entitlements changed': 'info',
  'licenses transferred': 'info',
  'product instance transferred': 'info',
  'local virtual account created': 'info',
  'local virtual account changed': 'quiet',
  'local virtual account deleted': 'quiet',
  'account requested': 'info',
  'account approved': 'info',
  'account registered': 'success',
  'account changed': 'quiet',
  'account deactivated': 'warning',
  'alert answered': 'quiet',
  'access requested': 'info',
  'access approved': 'success',
  'access refused': 'warning',
  'access withdrawn': 'quiet',
  'report scheduled': 'quiet',
}

/** The kinds that an account's log is filtered by. */
export const accountEventKinds = Object.keys(eventTones) as EventKind[]
