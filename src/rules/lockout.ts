import { later, minute } from './clock.ts'

/** "Lockout 3 failures in 15 minutes, for 15 minutes or until unlocked." */
export const lockoutFailures = 3
export const lockoutWindow = 15 * minute
export const lockoutDuration = 15 * minute

/** What is remembered of failed sign-ins. */
export type FailedSignIns = { failedSignIns: number; firstFailedAt: Date | null; lockedUntil: Date | null }

/** Whether somebody is kept out at this moment, whatever password they bring. */
export const isLockedOut = (user: Pick<FailedSignIns, 'lockedUntil'>, now: Date): boolean =>
  user.lockedUntil !== null && now < user.lockedUntil

/** What to remember after one more failure. The window begins with its first failure; a failure later than that begins a new one. */
export function afterFailedSignIn(user: FailedSignIns, now: Date): FailedSignIns {
  const inWindow = user.firstFailedAt !== null && now < later(user.firstFailedAt, lockoutWindow)
  const failures = inWindow ? user.failedSignIns + 1 : 1
  if (failures >= lockoutFailures) return { failedSignIns: 0, firstFailedAt: null, lockedUntil: later(now, lockoutDuration) }
  return { failedSignIns: failures, firstFailedAt: inWindow ? user.firstFailedAt : now, lockedUntil: null }
}

/** What is remembered once somebody got in, or was unlocked. */
export const noFailedSignIns: FailedSignIns = { failedSignIns: 0, firstFailedAt: null, lockedUntil: null }
