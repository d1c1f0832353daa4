import type { Context } from '../context.ts'
import { accountInForce, type LocalAccount } from '../rules/accounts.ts'
import { hour, later, minute } from '../rules/clock.ts'
import { waitsForCourier } from '../rules/exchanges.ts'
import { Refusal } from '../rules/refusal.ts'
import { nextRun, retryAt } from '../rules/schedules.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import {
  claimDueSynchronization,
  findSchedule,
  listUnplanned,
  planSynchronization,
  type StoredSchedule,
} from '../storage/synchronizationSchedules.ts'
import { getServerSchedule } from '../storage/synchronizationSettings.ts'
import { findOutstandingSynchronization } from '../storage/synchronizations.ts'
import { synchronizeLocalAccount } from './synchronizeLocalAccount.ts'
import { theServer } from './theServer.ts'

/** So many accounts of one server are with the cloud by themselves at once: after an outage of hours the others come when these are done. */
const atOnce = 2
/** A server that dies with an account in its hands leaves it to others after this long. */
const claim = hour
/** While somebody else carries an exchange of the account. */
const pause = 10 * minute

/**
 * Synchronizes the accounts whose time has come by their schedule, some at a time, and plans when each goes next: by its schedule, or sooner
 * where it failed for a reason that time may mend. Several servers may do it at once; an account is one server's.
 */
export async function synchronizeDueAccounts(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  await planUnplanned(context)
  const { db } = context.storage
  const work = async () => {
    while (!ends?.aborted) {
      const now = context.clock.now()
      const due = await claimDueSynchronization(db, now, later(now, claim))
      if (!due) return
      await synchronizeDueAccount(context, due)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** Accounts that are new, and those whose schedule somebody changed. */
async function planUnplanned(context: Context): Promise<void> {
  const { db } = context.storage
  const byServer = await getServerSchedule(db)
  for (const { localAccountId, uuid, own } of await listUnplanned(db)) {
    const nextAt = nextRun(own ?? byServer, uuid, context.clock.now())
    if (nextAt) await planSynchronization(db, localAccountId, { nextAt, failures: 0 })
  }
}

async function synchronizeDueAccount(context: Context, due: StoredSchedule): Promise<void> {
  const { db } = context.storage
  const account = await getLocalAccount(db, due.localAccountId)
  const schedule = due.own ?? (await getServerSchedule(db))
  const planned = (now: Date) => nextRun(schedule, account.uuid, now)
  const plan = async (nextAt: Date | null, failures: number) => {
    // Somebody who changed the schedule meanwhile has the last word.
    const { nextAt: kept } = await findSchedule(db, account.id)
    if (kept?.getTime() === due.nextAt?.getTime()) await planSynchronization(db, account.id, { nextAt, failures })
  }
  const now = context.clock.now()
  if (planned(now) === null || !accountInForce(account, now)) return plan(null, 0)
  const underWay = await findOutstandingSynchronization(db, account.id)
  // A new request would cancel the courier's, and nobody is here to be warned.
  if (underWay && waitsForCourier(underWay, now)) return plan(planned(now), 0)
  if (underWay && underWay.createdAt > later(now, -pause)) return plan(later(now, pause), due.failures)
  try {
    await synchronizeLocalAccount(context, theServer, account.id, 'standard', 'SCHEDULED')
    await plan(planned(context.clock.now()), 0)
  } catch (error) {
    const [at, failures] = [context.clock.now(), due.failures + 1]
    context.log.warn({ localAccountId: account.id, failures }, `A synchronization by schedule failed: ${(error as Error).message}`)
    await plan(afterFailure(error, account, planned(at)!, failures, at), failures)
  }
}

/** What a person must mend first is not asked again before its time. */
function afterFailure(error: unknown, { uuid }: LocalAccount, planned: Date, failures: number, now: Date): Date {
  const timeMayMend = !(error instanceof Refusal) || error.code === 'CLOUD_UNREACHABLE' || error.code === 'CONFLICT'
  const retry = retryAt(failures, uuid, now)
  return timeMayMend && retry < planned ? retry : planned
}
