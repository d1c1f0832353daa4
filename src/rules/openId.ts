import type { Group } from './groupRoles.ts'
import { refuseUnless } from './refusal.ts'

/** How a provider of OpenID Connect is asked, and what its claims are called. The client's secret is kept apart, sealed. */
export type OpenIdSettings = {
  /** What the button says: "Sign in with …". */
  name: string
  /** What the provider calls itself; its description is below it, at `/.well-known/openid-configuration`. */
  issuer: string
  clientId: string
  /** Where browsers reach this server. They are sent back to `returnAddress`. */
  address: string
  scope: string
  usernameClaim: string
  nameClaim: string
  emailClaim: string
  groupsClaim: string
}

/** Where the provider sends browsers back to, below the address of this server. */
export const openIdReturnPath = '/sign-in/openid/return'

/** What has to be registered at the provider. */
export const returnAddress = ({ address }: Pick<OpenIdSettings, 'address'>): string => `${address}${openIdReturnPath}`

const claimShape = /^[\w.:/@-]{1,200}$/

/** Refuses settings that no provider can be asked with; gives them as they are kept. */
export function checkOpenIdSettings(settings: OpenIdSettings): OpenIdSettings {
  const { name, clientId, scope } = settings
  refuseUnless(name.length >= 1 && name.length <= 60, 'INVALID', 'Give a name of 1 to 60 characters: it stands on the button.', 'name')
  const issuer = checkHttps(settings.issuer, 'issuer', 'Give the address of the provider, as in https://login.example.com/realms/main.')
  refuseUnless(
    clientId.length >= 1 && clientId.length <= 500,
    'INVALID',
    'Give the client id that the provider has for this server.',
    'clientId',
  )
  refuseUnless(
    /^[\x21-\x7e ]{1,500}$/.test(scope) && scope.split(' ').includes('openid'),
    'INVALID',
    'The scope must have openid in it.',
    'scope',
  )
  for (const claim of ['usernameClaim', 'nameClaim', 'emailClaim', 'groupsClaim'] as const)
    refuseUnless(claimShape.test(settings[claim]), 'INVALID', 'Give the name of a claim, such as preferred_username.', claim)
  return { ...settings, issuer, address: checkServerAddress(settings.address) }
}

/** Where browsers reach this server: a name and a port over https, without a path. */
export function checkServerAddress(address: string): string {
  const sentence = 'Give the address of this server as browsers have it, as in https://licenses.example.com:8443.'
  const text = checkHttps(address, 'address', sentence)
  refuseUnless(new URL(text).pathname === '/', 'INVALID', sentence, 'address')
  return new URL(text).origin
}

/** An address that begins with https:// and has no sign-in, query or fragment in it. */
export function checkHttps(text: string, field: string, sentence: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && url.protocol === 'https:' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  refuseUnless(isPlain && text.length <= 1000, 'INVALID', sentence, field)
  return text
}

/** What a provider says of somebody, as this server takes it. */
export type ClaimedPerson = { externalId: string; username: string; displayName: string; email: string; groups: Group[] }
export type Claims = { readonly [name: string]: unknown }

const mostGroups = 20_000

/**
 * Who somebody is by a provider's claims. Known by issuer and subject: "The sub (subject) and iss (issuer) Claims, used together, are the only Claims
 * that an RP can rely upon as a stable identifier" (OpenID Connect Core 5.7). Refuses claims without a user name, an unverified address in
 * its place, and a list of groups that the provider left out because it is too long.
 */
export function personFromClaims(settings: OpenIdSettings, claims: Claims): ClaimedPerson {
  const { usernameClaim, nameClaim, emailClaim, groupsClaim } = settings
  const username = textOf(claims, usernameClaim)
  refuseUnless(username !== '', 'NOT_SIGNED_IN', `The provider does not say what you are called here: it sends no ${usernameClaim}. ${ask}`)
  const isVerified = usernameClaim !== 'email' || claims.email_verified !== false
  refuseUnless(
    isVerified,
    'NOT_SIGNED_IN',
    'The provider has not verified your e-mail address, which would be your user name here. Verify it there first.',
  )
  const left = (claims._claim_names ?? {}) as Claims
  refuseUnless(claimOf(claims, groupsClaim) !== undefined || left[groupsClaim] === undefined, 'NOT_SIGNED_IN', tooMany)
  return {
    externalId: `${settings.issuer} ${textOf(claims, 'sub')}`,
    username,
    displayName: textOf(claims, nameClaim),
    email: textOf(claims, emailClaim),
    groups: groupsOf(claimOf(claims, groupsClaim)),
  }
}

const ask = 'Ask an administrator.'
const tooMany = `You are in more groups than the provider lists. ${ask} The provider can be told to send only the groups of this server.`

/** A claim by its name, or by the way to it: `realm_access.roles` is what is called `roles` within `realm_access`. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  const [first = '', ...rest] = name.split('.')
  const within = Object.hasOwn(claims, first) ? claims[first] : undefined
  return rest.length > 0 && within !== null && typeof within === 'object' ? claimOf(within as Claims, rest.join('.')) : undefined
}

function textOf(claims: Claims, name: string): string {
  const value = claimOf(claims, name)
  return typeof value === 'string' ? value.trim() : ''
}

/** Groups as they are told: a list of names, or one name. */
function groupsOf(value: unknown): Group[] {
  const names = (Array.isArray(value) ? value : [value]).filter((name): name is string => typeof name === 'string' && name !== '')
  return [...new Set(names)].slice(0, mostGroups).map(name => ({ name }))
}
