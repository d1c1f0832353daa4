import type { IssuedCertificate } from '../pki/issue.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import { usageChange } from '../rules/usage.ts'
import { lockLocalVirtualAccounts } from '../storage/authorizations.ts'
import { deleteCertificates, insertCertificate } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { updateProductInstance } from '../storage/productInstances.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { applyUsageDeltas } from './applyUsageChanges.ts'
import { releaseUsage } from './releaseUsage.ts'

/**
 * Puts a new registration in the place of the same product's former one: "keep PIID, new cert, old cert dead at once, usage kept until next
 * AUTHORIZATION" (wire-device 5.5). What it uses moves with it when its new token belongs to another Local Virtual Account; what a former one
 * `ended` still used is freed.
 */
export async function replaceProductInstance(
  tx: Db,
  instance: ProductInstance,
  certificate: IssuedCertificate,
  ended: boolean,
): Promise<void> {
  const key = { localAccountId: instance.localAccountId, productInstanceId: instance.id }
  const [former] = ended ? await releaseUsage(tx, [key], instance.registeredAt) : await lockReportingInstances(tx, [key])
  if (!former) throw new Error(`The product instance ${instance.id} was removed while it registered again.`)
  if (!ended && former.localVirtualAccountId !== instance.localVirtualAccountId) {
    await moveUsage(tx, former, instance.localVirtualAccountId, instance.registeredAt)
  }
  await deleteCertificates(tx, key)
  await updateProductInstance(tx, instance)
  await insertCertificate(tx, { ...key, ...certificate, state: 'unacknowledged' })
}

/** Moves what a locked instance uses to the counters of another Local Virtual Account of the same account. */
export async function moveUsage(tx: Db, instance: ReportingInstance, localVirtualAccountId: number, now: Date): Promise<void> {
  const there = { ...instance, localVirtualAccountId, usage: [] }
  await lockLocalVirtualAccounts(tx, [instance, there])
  await applyUsageDeltas(tx, [{ instance, change: usageChange(instance.usage, []) }], now)
  const used = instance.usage.map(({ tagId, quantity, version }) => ({ tagId, count: quantity, version }))
  await applyUsageDeltas(tx, [{ instance: there, change: usageChange([], used) }], now)
}
