import { later } from '../rules/clock.ts'
import { endedSince, endingAhead, endingAlert, licensingAlertKinds, silenceAlerts } from '../rules/licensingAlerts.ts'
import { authorizationDeadline, authorizationRenewal, contactGrace } from '../rules/lifetimes.ts'
import { settleAlerts } from '../storage/alerts.ts'
import type { Db } from '../storage/db.ts'
import { listEndingLots } from '../storage/entitlements.ts'
import { refreshSilentProductInstances } from '../storage/silentProductInstances.ts'

/**
 * Raises and clears the alerts of licenses that end and of product instances that are silent, in every account. "An alert is raised and cleared by
 * a rule". The clocks decide, so whoever calls it late says what holds then.
 */
export async function settleLicensingAlerts(tx: Db, now: Date): Promise<void> {
  const ending = await listEndingLots(tx, later(now, -endedSince), later(now, endingAhead))
  const silent = await refreshSilentProductInstances(tx, {
    connectBefore: later(now, -(authorizationRenewal + contactGrace)),
    renewBefore: later(now, -authorizationDeadline),
  })
  const wanted = [
    ...ending.flatMap(lots => {
      const alert = endingAlert(lots, now)
      return alert ? [{ ...alert, localAccountId: lots.localAccountId }] : []
    }),
    ...silent.flatMap(silence => silenceAlerts(silence).map(alert => ({ ...alert, localAccountId: silence.localAccountId }))),
  ]
  await settleAlerts(tx, licensingAlertKinds, wanted, now)
}
