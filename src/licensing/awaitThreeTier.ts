import { later } from '../rules/clock.ts'
import { threeTierGather } from '../rules/lifetimes.ts'
import { clearAlert, raiseAlert } from '../storage/alerts.ts'
import type { Db } from '../storage/db.ts'
import { waitsForThreeTier } from '../storage/polls.ts'
import { bringSynchronizationForward } from '../storage/synchronizationSchedules.ts'

const alert = { kind: 'three-tier certificate waits', subject: 'cloud' }

/**
 * A product waits for the account's three-tier certificate, which "a later synchronization" brings "within 48 hours": what is planned for the
 * account comes soon, and where nothing is planned, people are told.
 */
export async function awaitThreeTier(tx: Db, localAccountId: number, now: Date): Promise<void> {
  await bringSynchronizationForward(tx, localAccountId, later(now, threeTierGather))
  await raiseAlert(tx, {
    ...alert,
    localAccountId,
    severity: 'info',
    source: 'Registration',
    message: 'Products with older agents wait to be registered: the cloud has not signed the three-tier certificate of this account yet.',
    action: 'Synchronize this Local Account: the cloud signs within 48 hours, and a synchronization brings it.',
    at: now,
  })
}

/** What the answer of the cloud means to them: it has brought the certificate, or they go on waiting and the next one comes soon. */
export async function followThreeTier(tx: Db, localAccountId: number, hasCome: boolean, now: Date): Promise<void> {
  if (hasCome || !(await waitsForThreeTier(tx, localAccountId))) await clearAlert(tx, { ...alert, localAccountId }, now)
  else await awaitThreeTier(tx, localAccountId, now)
}
