import { minute } from './clock.ts'
import type { Role } from './roles.ts'
import type { User } from './users.ts'

/** "obligatory if the setting says so": of whom a second factor is asked who signs in with a password here. */
export const secondFactorRules = ['optional', 'servers', 'everybody'] as const
export type SecondFactorRule = (typeof secondFactorRules)[number]

/** So long somebody has between the password and the code. */
export const codePatience = 5 * minute

/** How many codes there are for when the device is lost; each is good once. */
export const recoveryCodeCount = 10

/** Whose password is asked for here, by this server or by the directory: a provider asks for its own second factor. */
export const isAskedHere = ({ origin }: Pick<User, 'origin'>): boolean => origin === 'local' || origin === 'directory'

/** Whether somebody has to have a second factor, by the roles that they hold. */
export const needsSecondFactor = (user: Pick<User, 'origin'>, roles: readonly Role[], rule: SecondFactorRule): boolean =>
  isAskedHere(user) &&
  (rule === 'everybody' || (rule === 'servers' && roles.some(role => role === 'system-administrator' || role === 'system-operator')))

/** A code as it was typed: without the spaces and hyphens that make it readable, in small letters. */
export const plainCode = (text: string): string => text.replace(/[\s-]/g, '').toLowerCase().slice(0, 64)
