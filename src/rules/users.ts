import type { Preferences } from './preferences.ts'
import { refuseUnless } from './refusal.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Who knows somebody's password: this server, the directory, or a provider of OpenID Connect or of SAML 2.0. */
export type Origin = 'local' | 'directory' | 'openid' | 'saml'

/** Somebody who may sign in. What they may do is in their role assignments, not here. */
export type User = {
  id: number
  username: string
  displayName: string
  email: string | null
  origin: Origin
  /** What the directory or the provider knows them by; null for local users. */
  externalId: string | null
  /** When it last vouched for them. */
  confirmedAt: Date | null
  passwordChangedAt: Date
  mustChangePassword: boolean
  disabledAt: Date | null
  failedAt: Date[]
  lockedUntil: Date | null
  failuresSinceSignIn: number
  lastSignInAt: Date | null
  createdAt: Date
  theme: Theme
  preferences: Preferences
}

const usernameShape = /^[a-z0-9][a-z0-9._@-]{0,63}$/i

/** The name to sign in with: letters, digits and `. _ @ -`, so that it stands in a URL and in a log line as it is. Gives it trimmed. */
export function checkUsername(username: string): string {
  const name = username.trim()
  refuseUnless(
    usernameShape.test(name),
    'INVALID',
    'Give a user name of 1 to 64 letters, digits, dots, hyphens, underscores or @, beginning with a letter or a digit.',
    'username',
  )
  return name
}

/** A person's name as pages show it; empty is allowed, the user name stands in for it. */
export function checkDisplayName(name: string): string {
  refuseUnless(name.trim().length <= 120, 'INVALID', 'Keep the name within 120 characters.', 'displayName')
  return name.trim()
}

const emailShape = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/

/** An address that mail can be sent to, or null for an empty text. */
export function checkEmail(email: string, field = 'email'): string | null {
  const address = email.trim()
  if (address === '') return null
  refuseUnless(address.length <= 254 && emailShape.test(address), 'INVALID', 'Give an e-mail address such as name@example.com.', field)
  return address
}
