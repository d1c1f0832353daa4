import { day, later } from './clock.ts'
import { refuseUnless } from './refusal.ts'

/** Lets any number of products into one Local Virtual Account. */
export type RegistrationToken = {
  localAccountId: number
  id: string
  localVirtualAccountId: number
  description: string
  exportControlled: boolean
  maximumUses: number | null
  uses: number
  expiresAt: Date
  createdAt: Date
  createdBy: string
  revokedAt: Date | null
}

export type TokenStanding = 'usable' | 'expired' | 'used up' | 'revoked'

/** "Revoked, expired or used-up tokens refuse new registrations and touch nothing that is registered." */
export function tokenStanding(
  token: Pick<RegistrationToken, 'revokedAt' | 'expiresAt' | 'maximumUses' | 'uses'>,
  now: Date,
): TokenStanding {
  if (token.revokedAt) return 'revoked'
  if (now >= token.expiresAt) return 'expired'
  if (token.maximumUses !== null && token.uses >= token.maximumUses) return 'used up'
  return 'usable'
}

export const defaultTokenDays = 30
export const longestTokenDays = 9999

/** "days to live 1–9999 (default 30; "never" is not offered)". Gives the end; refuses anything else. */
export function tokenExpiry(days: number, now: Date): Date {
  refuseUnless(
    Number.isInteger(days) && days >= 1 && days <= longestTokenDays,
    'INVALID',
    'Give a number of days from 1 to 9999.',
    'expiresAfterDays',
  )
  return later(now, days * day)
}

/** "maximum uses (default none)": null, or a whole number from 1. */
export function checkMaximumUses(maximumUses: number | null): number | null {
  const fits = maximumUses === null || (Number.isInteger(maximumUses) && maximumUses >= 1 && maximumUses <= 1_000_000)
  refuseUnless(fits, 'INVALID', 'Give a whole number of uses from 1 to 1,000,000, or leave it empty for any number.', 'maxUses')
  return maximumUses
}

/** Tokens carry a description that people read in lists. */
export function checkTokenDescription(description: string): string {
  refuseUnless(description.length <= 255, 'INVALID', 'Keep the description within 255 characters.', 'description')
  return description.trim()
}
