import { authorityAlert } from '../../rules/trustStore.ts'
import { clearAlert, listOpenAlerts, raiseAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'

/** The kind of the alerts of authorities of the trust store. */
export const authorityAlertKind = 'trusted authority ending'

/** Raises an alert of every authority of the trust store that ends, and clears those of authorities that were taken out. */
export async function watchTrustStore(tx: Db, now: Date): Promise<void> {
  const ending = (await listTrustedAuthorities(tx)).flatMap(authority => {
    const alert = authorityAlert(authority, now)
    return alert ? [{ ...alert, subject: authority.fingerprint }] : []
  })
  const action = 'Import its successor on the page Network, then remove this one.'
  for (const alert of ending)
    await raiseAlert(tx, { localAccountId: 0, kind: authorityAlertKind, source: 'Trust store', action, ...alert, at: now })
  const stale = (await listOpenAlerts(tx, [authorityAlertKind])).filter(({ subject }) => !ending.some(alert => alert.subject === subject))
  for (const alert of stale) await clearAlert(tx, alert, now)
}
