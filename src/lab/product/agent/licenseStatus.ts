import { isTag, productName, tagVersion } from '../../../wire/udi.ts'
import { authorizationStatusOf } from './authorizationStatus.ts'
import type { Authorization, State } from './state.ts'

export type LicenseStatus = {
  tag: string
  /** What people call the license, and the name in its tag. */
  name: string
  entitlement: string
  description: string
  version: string
  count: number
  status:
    | 'WAITING'
    | 'AUTHORIZED'
    | 'OUT OF COMPLIANCE'
    | 'OVERAGE'
    | 'INVALID TAG'
    | 'EVAL MODE'
    | 'EVAL EXPIRED'
    | 'AUTHORIZATION EXPIRED'
  exportStatus: 'NOT RESTRICTED' | 'RESTRICTED - ALLOWED' | 'RESTRICTED - NOT ALLOWED'
  licenseType: string | null
  insufficient: number
  expires: Date | null
}

type Entitlement = Authorization['entitlements'][number]

/** What a product uses, in the order in which it came to use it, with what the server said of each. */
export const licensesOf = (state: State, now: Date): LicenseStatus[] =>
  state.usage.map(({ tag, count }) => {
    const known = state.authorization?.entitlements.find(entitlement => entitlement.tag === tag)
    const entitlement = isTag(tag) ? productName(tag) : tag
    return {
      tag,
      name: known?.display_name || entitlement,
      entitlement,
      description: known?.description || known?.display_name || entitlement,
      version: known?.version || (isTag(tag) ? tagVersion(tag) : '1.0'),
      count,
      status: wordOf(state, known, count, now),
      exportStatus: exportStatusOf(known, state),
      licenseType: known?.license_type ?? null,
      insufficient: known?.insufficient_count ?? 0,
      expires: known?.expires_at ? new Date(known.expires_at) : null,
    }
  })

const words = {
  IN_COMPLIANCE: 'AUTHORIZED',
  OUT_OF_COMPLIANCE: 'OUT OF COMPLIANCE',
  OVERAGE: 'OVERAGE',
  INVALID_TAG: 'INVALID TAG',
} as const

function wordOf(state: State, known: Entitlement | undefined, count: number, now: Date): LicenseStatus['status'] {
  const { status } = authorizationStatusOf(state, now)
  if (status === 'EVAL MODE' || status === 'EVAL EXPIRED' || status === 'AUTHORIZATION EXPIRED') return status
  return known && known.requested_count === count ? words[known.status] : 'WAITING'
}

function exportStatusOf(known: Entitlement | undefined, { registration }: State): LicenseStatus['exportStatus'] {
  if (!known?.export_restricted) return 'NOT RESTRICTED'
  return registration?.exportControlled === 'ALLOWED' ? 'RESTRICTED - ALLOWED' : 'RESTRICTED - NOT ALLOWED'
}
