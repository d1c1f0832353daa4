import { day, hour, later, minute } from './clock.ts'
import { type LockoutRule, standardLockout } from './lockout.ts'
import { type PasswordPolicy, standardPasswords, stigPasswords } from './passwords.ts'
import { Refusal, refuseUnless } from './refusal.ts'
import type { SecondFactorRule } from './secondFactor.ts'
import { type SessionLimits, standardSessions } from './sessions.ts'
import type { User } from './users.ts'

/** How long a password may be used, and how soon it may come again. 0 of any of them: no such rule. */
export type PasswordLife = { remembered: number; longest: number; shortest: number }

/** What everybody sees before they sign in. `consent`: nobody gets in who does not say that they agree. */
export type Banner = { text: string; consent: boolean }

/** Admin › Security: what local sign-ins are held to. Times in milliseconds; `inactive` 0: nobody is disabled for being away. */
export type SecuritySettings = {
  passwords: PasswordPolicy & PasswordLife
  lockout: LockoutRule
  sessions: SessionLimits
  inactive: number
  banner: Banner
  secondFactor: SecondFactorRule
}

/** While nobody has changed anything. */
export const standardSecurity: SecuritySettings = {
  passwords: { ...standardPasswords, remembered: 0, longest: 0, shortest: 0 },
  lockout: standardLockout,
  sessions: standardSessions,
  inactive: 0,
  banner: { text: '', consent: false },
  secondFactor: 'optional',
}

/** Words of our own for a banner that has none: what a consent banner has to say, whoever runs the server. */
export const stigBanner =
  'This system is for authorized use only. What is done on it is recorded and may be looked at at any time, by those who run it and by ' +
  'those whom they answer to. Whoever signs in agrees to this. Whoever does not agree leaves now.'

/** "15 characters, four classes, … 5 remembered, 60 days at most, 24 hours at least, 8 characters changed"; 35 days away; a banner to agree to. */
export const stigSecurity: SecuritySettings = {
  passwords: { ...stigPasswords, remembered: 5, longest: 60 * day, shortest: 24 * hour },
  lockout: standardLockout,
  sessions: { ...standardSessions, most: 3 },
  inactive: 35 * day,
  banner: { text: stigBanner, consent: true },
  secondFactor: 'servers',
}

/** The bounds of each number of the settings, in the unit that people read, and that unit in milliseconds or 1. */
export const securityNumbers = {
  minimumLength: { group: 'passwords', name: 'minimumLength', unit: 1, from: 8, to: 128, words: 'The length' },
  minimumClasses: { group: 'passwords', name: 'minimumClasses', unit: 1, from: 1, to: 4, words: 'The kinds of signs' },
  minimumChanged: { group: 'passwords', name: 'minimumChanged', unit: 1, from: 0, to: 64, words: 'The changed characters' },
  remembered: { group: 'passwords', name: 'remembered', unit: 1, from: 0, to: 24, words: 'The remembered passwords' },
  longestDays: { group: 'passwords', name: 'longest', unit: day, from: 0, to: 3650, words: 'The age at most' },
  shortestHours: { group: 'passwords', name: 'shortest', unit: hour, from: 0, to: 720, words: 'The age at least' },
  failures: { group: 'lockout', name: 'failures', unit: 1, from: 1, to: 20, words: 'The failures' },
  windowMinutes: { group: 'lockout', name: 'window', unit: minute, from: 1, to: 1440, words: 'The time of the failures' },
  durationMinutes: { group: 'lockout', name: 'duration', unit: minute, from: 1, to: 10_080, words: 'The lock' },
  idleMinutes: { group: 'sessions', name: 'idle', unit: minute, from: 2, to: 480, words: 'The idle time' },
  operatorIdleMinutes: { group: 'sessions', name: 'operatorIdle', unit: minute, from: 2, to: 480, words: 'The idle time of operators' },
  longestHours: { group: 'sessions', name: 'longest', unit: hour, from: 1, to: 24, words: 'The session' },
  most: { group: 'sessions', name: 'most', unit: 1, from: 1, to: 50, words: 'The sessions of a user' },
} as const
export type SecurityNumber = keyof typeof securityNumbers

/** The settings as numbers in the units that people read. */
export function readableSecurity(settings: SecuritySettings): Record<SecurityNumber | 'inactiveDays', number> {
  const numbers = Object.entries(securityNumbers).map(([key, { group, name, unit }]) => [
    key,
    (settings[group] as Record<string, number>)[name]! / unit,
  ])
  return { ...Object.fromEntries(numbers), inactiveDays: settings.inactive / day }
}

/** The settings out of what people wrote. Refuses the first number that is none, or out of its bounds, and a consent without words. */
export function writtenSecurity(
  numbers: Record<SecurityNumber | 'inactiveDays', number>,
  banner: Banner,
  secondFactor: SecondFactorRule,
): SecuritySettings {
  const settings = structuredClone(standardSecurity)
  for (const [key, { group, name, unit, from, to, words }] of Object.entries(securityNumbers)) {
    const value = within(numbers[key as SecurityNumber], from, to, words, key)
    ;(settings[group] as Record<string, number>)[name] = value * unit
  }
  settings.inactive = within(numbers.inactiveDays, 0, 3650, 'The days of absence', 'inactiveDays') * day
  refuseUnless(
    settings.passwords.longest === 0 || settings.passwords.shortest < settings.passwords.longest,
    'INVALID',
    shorter,
    'shortestHours',
  )
  const text = banner.text.trim()
  refuseUnless(text.length <= 4000, 'INVALID', 'Keep the banner within 4,000 characters.', 'banner')
  refuseUnless(text !== '' || !banner.consent, 'INVALID', 'Say in the banner what people agree to.', 'banner')
  return { ...settings, banner: { text, consent: banner.consent }, secondFactor }
}

const shorter = 'A password must be allowed to change before it has to.'

function within(value: number, from: number, to: number, words: string, field: string): number {
  if (!Number.isInteger(value) || value < from || value > to)
    throw new Refusal('INVALID', `${words}: give a whole number from ${from} to ${to.toLocaleString('en')}.`, field)
  return value
}

/** Whether somebody has to choose a new password before anything else: they were told to, or it is too old. How old is asked of those who have it here. */
export const mustChangePassword = (
  user: Pick<User, 'origin' | 'mustChangePassword' | 'passwordChangedAt'>,
  { longest }: PasswordLife,
  now: Date,
): boolean => user.mustChangePassword || (user.origin === 'local' && longest > 0 && now >= later(user.passwordChangedAt, longest))
