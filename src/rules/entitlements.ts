export type LicenseType = 'PERPETUAL' | 'TERM' | 'SUBSCRIPTION' | 'DEMO'

/** The name of a license on the wire, and what the catalog says of it. */
export type EntitlementTag = {
  id: number
  tag: string
  displayName: string
  description: string
  licenseType: LicenseType
  exportRestricted: boolean
}

/** A lot that was bought: tag, quantity, term. */
export type Entitlement = {
  localAccountId: number
  licenseId: string
  tagId: number
  licenseType: LicenseType
  quantity: number
  startsAt: Date
  endsAt: Date | null
  subscriptionId: string | null
  exportRestricted: boolean
  status: string
}

/** "start and end; future-dated lots are *pending*"; half-open, so that the last moment of one lot is the first of the next. */
export function lotStanding(lot: Pick<Entitlement, 'startsAt' | 'endsAt'>, now: Date): 'in force' | 'pending' | 'ended' {
  if (now < lot.startsAt) return 'pending'
  return lot.endsAt && now >= lot.endsAt ? 'ended' : 'in force'
}
