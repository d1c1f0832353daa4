import { second } from './clock.ts'
import { isOpen } from './conversion.ts'
import type { State } from './state.ts'

export type Deed =
  | 'finish what was left'
  | 'poll'
  | 'convert licenses'
  | 'register'
  | 'acknowledge'
  | 'expire'
  | 'renew ID certificate'
  | 'report usage'
export type Due = { deed: Deed; at: number }

/**
 * What a product does next by itself, and when: the timers of 6. Undefined for one that waits for nothing and is not registered. The ID
 * certificate's end is kept to the second; everything else waits for `retry` after a failure.
 */
export function nextDue(state: State): Due | undefined {
  const { registration } = state
  const candidates = [...unfinished(state), ...(registration ? renewals(state) : [])]
  const notBefore = state.retry?.at ?? 0
  const timed = candidates.map(({ deed, at }) => ({ deed, at: Math.max(at, notBefore) }))
  if (registration) timed.push({ deed: 'expire', at: registration.expiresAt + second })
  return timed.sort((a, b) => a.at - b.at)[0]
}

const resumable = new Set(['REGISTRATION', 'ID_CERT_RENEWAL', 'DEREGISTRATION'])

/** A request whose answer matters beyond its moment: it is sent again, not anew. */
export const isLeftOpen = ({ underWay }: State): boolean => underWay !== null && resumable.has(underWay.message.type)

function unfinished(state: State): Due[] {
  if (isLeftOpen(state)) return [{ deed: 'finish what was left', at: 0 }]
  if (state.waiting) return [{ deed: 'poll', at: state.waiting.at }]
  if (state.wanted) return [{ deed: 'register', at: 0 }]
  return []
}

function renewals({ registration, authorization, entitlementVersion, reportedVersion, usage, conversion, waiting }: State): Due[] {
  const { acknowledged, renewAt, registeredAt, authorizationInterval } = registration!
  const reportAt = authorization?.renewAt ?? registeredAt + authorizationInterval * second
  const unreported = entitlementVersion !== reportedVersion && (usage.length > 0 || authorization !== null)
  return [
    ...(acknowledged ? [] : [{ deed: 'acknowledge' as const, at: 0 }]),
    ...(isOpen(conversion) && !waiting ? [{ deed: 'convert licenses' as const, at: 0 }] : []),
    { deed: 'renew ID certificate', at: renewAt },
    { deed: 'report usage', at: unreported ? 0 : reportAt },
  ]
}
