import { authorityAlert } from '../../rules/trustStore.ts'
import { settleAlerts } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'

/** The kind of the alerts of authorities of the trust store. */
export const authorityAlertKind = 'trusted authority ending'

/** Raises an alert of every authority of the trust store that ends, and clears those of authorities that were taken out. */
export async function watchTrustStore(tx: Db, now: Date): Promise<void> {
  const action = 'Import its successor on the page Network, then remove this one.'
  const wanted = (await listTrustedAuthorities(tx)).flatMap(authority => {
    const alert = authorityAlert(authority, now)
    return alert
      ? [{ localAccountId: 0, kind: authorityAlertKind, subject: authority.fingerprint, source: 'Trust store', action, ...alert }]
      : []
  })
  await settleAlerts(tx, [authorityAlertKind], wanted, now)
}
