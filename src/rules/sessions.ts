import { hour, later, minute } from './clock.ts'
import type { RoleAssignment } from './roles.ts'

/** "10 minutes idle (15 for operators), 8 hours at most, limited in number". */
export const longestSession = 8 * hour
export const sessionsPerUser = 10
/** A session is touched at most this often, so that a page costs no write. */
export const touchInterval = minute

/** How long somebody may look away. Fifteen minutes are the System Operator's; who administers as well has the administrators' ten. */
export function idleLimit(assignments: RoleAssignment[]): number {
  const holds = (role: RoleAssignment['role']) => assignments.some(assignment => assignment.role === role)
  return holds('system-operator') && !holds('system-administrator') ? 15 * minute : 10 * minute
}

/** Whether a session is over, by idleness or by age. */
export const sessionEnded = (session: { createdAt: Date; seenAt: Date }, assignments: RoleAssignment[], now: Date): boolean =>
  now >= later(session.createdAt, longestSession) || now >= later(session.seenAt, idleLimit(assignments))
