import { hour, later, minute } from './clock.ts'
import type { RoleAssignment } from './roles.ts'
import type { User } from './users.ts'

/** "10 minutes idle (15 for operators), 8 hours at most, limited in number". */
export type SessionLimits = { idle: number; operatorIdle: number; longest: number; most: number }
export const standardSessions: SessionLimits = { idle: 10 * minute, operatorIdle: 15 * minute, longest: 8 * hour, most: 10 }
/** A session is touched at most this often, so that a page costs no write. */
export const touchInterval = minute

/** How long somebody may look away. Fifteen minutes are the System Operator's; who administers as well has the administrators' ten. */
export function idleLimit(assignments: RoleAssignment[], limits = standardSessions): number {
  const holds = (role: RoleAssignment['role']) => assignments.some(assignment => assignment.role === role)
  return holds('system-operator') && !holds('system-administrator') ? limits.operatorIdle : limits.idle
}

/** Whether a session is over, by idleness or by age. */
export const sessionEnded = (
  session: { createdAt: Date; seenAt: Date },
  assignments: RoleAssignment[],
  now: Date,
  limits = standardSessions,
): boolean => now >= later(session.createdAt, limits.longest) || now >= later(session.seenAt, idleLimit(assignments, limits))

/** How often a directory is asked anew about somebody who is signed in, and how long they may go on while it does not answer. */
export const confirmationInterval = 10 * minute
export const longestUnconfirmed = hour

/**
 * Whether somebody's directory or provider has not vouched for them for too long. A provider tells of groups at a sign-in alone: its people sign in
 * again each hour, which costs them nothing while they are signed in there.
 */
export const confirmationEnded = ({ origin, confirmedAt }: Pick<User, 'origin' | 'confirmedAt'>, now: Date): boolean =>
  origin !== 'local' && (confirmedAt === null || now >= later(confirmedAt, longestUnconfirmed))
