import { refuseUnless } from './refusal.ts'
import { type SynchronizationStanding, synchronizationStanding } from './synchronization.ts'

/** "requested → approved (by a System Administrator) → registered (network or manual file) → inactive → deleted"; or rejected, at the first. */
export const localAccountStates = ['requested', 'rejected', 'approved', 'registered', 'inactive'] as const
export type LocalAccountState = (typeof localAccountStates)[number]

/** This server's side of exactly one Virtual Account. `id` is the account's number, `uuid` its name on the wire and in URLs. */
export type LocalAccount = {
  id: number
  uuid: string
  name: string
  state: LocalAccountState
  smartAccount: { id: string | null; name: string }
  virtualAccount: { id: string | null; name: string }
  notificationEmail: string | null
  message: string | null
  requestedBy: string
  requestedAt: Date
  /** The user whom the account is for, where somebody has asked for it. */
  requesterId: number | null
  /** The last decision about it: approved, rejected or deactivated. */
  decidedAt: Date | null
  decidedBy: string | null
  decisionReason: string | null
  registeredAt: Date | null
  lastSynchronizedAt: Date | null
  nextSynchronizationAt: Date | null
  sequence: number | null
  chainHash: string | null
  privacy: Privacy
  /** Whether somebody decided on `privacy` for this account alone; otherwise it follows the server's. */
  privacyIsOwn: boolean
}

/** What is withheld from the cloud: "hostname, IP address, MAC address, each may be withheld". */
export type Privacy = { hostname: boolean; ip: boolean; mac: boolean }

/** Our own layer below the Local Account; never told to the cloud. */
export type LocalVirtualAccount = {
  localAccountId: number
  id: number
  name: string
  description: string
  isDefault: boolean
  isPublic: boolean
  createdAt: Date
}

/** The standing of a registered account, or undefined for one that never synchronized. */
export const accountStanding = (account: Pick<LocalAccount, 'lastSynchronizedAt'>, now: Date): SynchronizationStanding | undefined =>
  account.lastSynchronizedAt ? synchronizationStanding(account.lastSynchronizedAt, now) : undefined

/** "Past 365 days without synchronization: expired. Products get ACCOUNT_EXPIRED". */
export const accountInForce = (account: Pick<LocalAccount, 'state' | 'lastSynchronizedAt'>, now: Date): boolean =>
  account.state === 'registered' && accountStanding(account, now) !== 'expired' && account.lastSynchronizedAt !== null

/** The name of a Local Virtual Account, as lists and URLs carry it. Gives it trimmed. */
export function checkPlaceName(name: string): string {
  const trimmed = name.trim()
  refuseUnless(
    trimmed.length >= 1 && trimmed.length <= 128,
    'INVALID',
    'Give the Local Virtual Account a name of 1 to 128 characters.',
    'name',
  )
  return trimmed
}

/** What a Local Virtual Account is for, in words of its own; empty is allowed. */
export function checkDescription(description: string): string {
  refuseUnless(description.trim().length <= 255, 'INVALID', 'Keep the description within 255 characters.', 'description')
  return description.trim()
}
