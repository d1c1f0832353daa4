import { hour } from './clock.ts'
import { refuseUnless } from './refusal.ts'
import type { RoleAssignment } from './roles.ts'

/** What a client of the API may be allowed to do, and what that means in words. */
export const apiScopes = {
  read: 'See accounts, licenses, product instances, alerts, events and synchronizations',
  tokens: 'Show, create and revoke registration tokens',
  inventory: 'Remove product instances, and transfer them and licenses between Local Virtual Accounts',
  accounts: 'Create and delete Local Virtual Accounts, synchronize Local Accounts and set when that happens',
  system: 'Decide on requests for Local Accounts, register, deactivate and delete Local Accounts',
  metrics: 'Read the metrics of the server',
} as const
export type ApiScope = keyof typeof apiScopes

export const isApiScope = (text: string): text is ApiScope => Object.hasOwn(apiScopes, text)

const ofServer = Object.keys(apiScopes) as ApiScope[]
/** What concerns the server as a whole is not for the client of one account. */
const ofAccount = ofServer.filter(scope => scope !== 'system' && scope !== 'metrics')

/** A script's way in. "A client belongs to one Local Account or to the server, has scopes, an end" (api.md, Tokens). */
export type ApiClient = {
  id: number
  clientId: string
  name: string
  /** Null: a client of the server, for every Local Account. */
  localAccountId: number | null
  scopes: ApiScope[]
  createdAt: Date
  createdBy: string
  expiresAt: Date | null
  revokedAt: Date | null
}

/** How long an access token is good for: an hour, as open clients of the modelled product expect. */
export const accessTokenLife = hour

/** Whether a client may still come in. */
export const clientInForce = (client: Pick<ApiClient, 'expiresAt' | 'revokedAt'>, now: Date): boolean =>
  client.revokedAt === null && (client.expiresAt === null || now < client.expiresAt)

/** The scopes that a new client gets: all that its place allows, or those that are wanted. Refuses what the place does not allow, and none. */
export function scopesForClient(localAccountId: number | null, wanted?: string[]): ApiScope[] {
  const allowed = localAccountId === null ? ofServer : ofAccount
  if (!wanted) return allowed
  const fits = wanted.length > 0 && wanted.every(scope => allowed.some(each => each === scope))
  refuseUnless(fits, 'INVALID', `Choose scopes among ${allowed.join(', ')}.`, 'scopes')
  return allowed.filter(scope => wanted.includes(scope))
}

/** The part of a client's scopes that a token asks for (RFC 6749, 3.3); all of them when it asks for none. Refuses what the client has not. */
export function narrowScopes(granted: ApiScope[], wanted: string[]): ApiScope[] {
  refuseUnless(
    wanted.every(scope => granted.some(each => each === scope)),
    'INVALID',
    'The client does not have every scope that is asked for.',
    'scope',
  )
  return wanted.length === 0 ? granted : granted.filter(scope => wanted.includes(scope))
}

/**
 * The role that a client acts in, which its scopes then narrow: nobody changes the server's configuration by the API, and the client of an
 * account may do there what its administrator may.
 */
export const roleOfClient = ({ localAccountId }: Pick<ApiClient, 'localAccountId'>): RoleAssignment =>
  localAccountId === null ? { role: 'system-operator' } : { role: 'smart-account-administrator', localAccountId }

/** A client's name, as lists and the event log show it. Gives it trimmed. */
export function checkClientName(name: string): string {
  const trimmed = name.trim()
  refuseUnless(trimmed.length >= 1 && trimmed.length <= 120, 'INVALID', 'Give the client a name of 1 to 120 characters.', 'name')
  return trimmed
}
