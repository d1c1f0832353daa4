import { day, daysBetween, later } from './clock.ts'

export type SynchronizationStanding = 'current' | 'due' | 'overdue' | 'expired'

/** The day from which an account is overdue. */
export const overdueDays = 32

/** "not synchronized … for more than 31 days receives an overdue alert (on day 32 to 364) … After 365 days … expired"; due from day 30. */
export function synchronizationStanding(lastSynchronizedAt: Date, now: Date): SynchronizationStanding {
  const days = daysBetween(lastSynchronizedAt, now)
  return days >= 365 ? 'expired' : days >= overdueDays ? 'overdue' : days >= 30 ? 'due' : 'current'
}

/** The day on which an account that does not synchronize again is dead: its products get ACCOUNT_EXPIRED. */
export const synchronizationExpiresAt = (lastSynchronizedAt: Date): Date => later(lastSynchronizedAt, 365 * day)

/** "synchronization advised: every 30 days" */
export const synchronizationAdvisedAt = (lastSynchronizedAt: Date): Date => later(lastSynchronizedAt, 30 * day)

/** "warnings before the cliff: mail and alert at 60, 30, 14, 7, 1 days before day 365" */
export const warningDays = [60, 30, 14, 7, 1] as const
