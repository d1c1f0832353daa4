import { z } from 'zod'
import { accountStanding, type LocalAccount } from '../rules/accounts.ts'
import { synchronizationAdvisedAt, synchronizationExpiresAt } from '../rules/synchronization.ts'
import { maybeMoment, maybeWritten } from './fields.ts'

/** "A standing is `{"standing":"current|due|overdue|expired","lastSynchronizedAt","nextAt","expiresAt","sequence"}`" (api.md). */
export const standingAnswer = {
  standing: z.enum(['current', 'due', 'overdue', 'expired']).nullable(),
  lastSynchronizedAt: maybeMoment,
  nextAt: maybeMoment,
  expiresAt: maybeMoment,
  sequence: z.int().nullable(),
}

/** The standing of an account, all of it null before the first exchange. The next time is the one that is planned; without a schedule, the one that
 * the cloud advises. */
export function standingEntry(account: LocalAccount, now: Date, plannedAt: Date | undefined): z.input<z.ZodObject<typeof standingAnswer>> {
  const last = account.lastSynchronizedAt
  return {
    standing: accountStanding(account, now) ?? null,
    lastSynchronizedAt: maybeWritten(last),
    nextAt: maybeWritten(plannedAt ?? account.nextSynchronizationAt ?? (last && synchronizationAdvisedAt(last))),
    expiresAt: maybeWritten(last && synchronizationExpiresAt(last)),
    sequence: account.sequence,
  }
}
