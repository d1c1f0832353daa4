import { later, minute } from './clock.ts'
import { counted } from './words.ts'

/** "Lockout 3 failures in 15 minutes, for 15 minutes or until unlocked." */
export type LockoutRule = { failures: number; window: number; duration: number }
export const standardLockout: LockoutRule = { failures: 3, window: 15 * minute, duration: 15 * minute }

/** What is remembered of failed sign-ins: the times of those that may still count. */
export type FailedSignIns = { failedAt: Date[]; lockedUntil: Date | null }

/** Whether somebody is kept out at this moment, whatever password they bring. */
export const isLockedOut = (user: Pick<FailedSignIns, 'lockedUntil'>, now: Date): boolean =>
  user.lockedUntil !== null && now < user.lockedUntil

/** What to remember after one more failure: a lock, when it is the third within the last fifteen minutes, or as `rule` says. */
export function afterFailedSignIn({ failedAt }: Pick<FailedSignIns, 'failedAt'>, now: Date, rule = standardLockout): FailedSignIns {
  const counting = [...failedAt.filter(at => now < later(at, rule.window)), now]
  return counting.length >= rule.failures
    ? { failedAt: [], lockedUntil: later(now, rule.duration) }
    : { failedAt: counting, lockedUntil: null }
}

/** What somebody is told with a sign-in that failed, whoever they are: the numbers of the rule that holds. */
export const lockoutWords = ({ failures, duration }: LockoutRule): string =>
  `After ${counted(failures, 'failure', 'failures')} a user is locked for ${counted(duration / minute, 'minute', 'minutes')}.`

/** What is remembered once somebody got in, or was unlocked. */
export const noFailedSignIns: FailedSignIns = { failedAt: [], lockedUntil: null }
