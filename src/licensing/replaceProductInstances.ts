import type { IssuedCertificate } from '../pki/issue.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import { usageChange } from '../rules/usage.ts'
import { lockLocalVirtualAccounts } from '../storage/authorizations.ts'
import { deleteCertificates, insertCertificates } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { updateProductInstances } from '../storage/productInstances.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { applyUsageDeltas } from './applyUsageChanges.ts'

/** A new registration of a product whose former one is there, and whether that had `ended`. */
export type Replacement = { instance: ProductInstance; certificate: IssuedCertificate; ended: boolean }

/**
 * Puts new registrations in the place of the same products' former ones: "keep PIID, new cert, old cert dead at once, usage kept until next
 * AUTHORIZATION" (wire-device 5.5). What one uses moves with it when its new token belongs to another Local Virtual Account; what a former one
 * that `ended` still used is freed. An instance is named once.
 */
export async function replaceProductInstances(tx: Db, replacements: Replacement[]): Promise<void> {
  if (replacements.length === 0) return
  const keys = replacements.map(({ instance }) => ({ localAccountId: instance.localAccountId, productInstanceId: instance.id }))
  const formers = new Map((await lockReportingInstances(tx, keys)).map(former => [former.id, former]))
  for (const replacement of replacements) await settleUsage(tx, replacement, formers.get(replacement.instance.id))
  await deleteCertificates(tx, keys)
  await updateProductInstances(
    tx,
    replacements.map(({ instance }) => instance),
  )
  await insertCertificates(
    tx,
    replacements.map(({ certificate }, index) => ({ ...keys[index]!, ...certificate, state: 'unacknowledged' })),
  )
}

/** Most products come back to where they were, and nothing of what they use is touched. */
async function settleUsage(tx: Db, { instance, ended }: Replacement, former: ReportingInstance | undefined): Promise<void> {
  if (!former) throw new Error(`The product instance ${instance.id} was removed while it registered again.`)
  if (ended) await applyUsageDeltas(tx, [{ instance: former, change: usageChange(former.usage, []) }], instance.registeredAt)
  else if (former.localVirtualAccountId !== instance.localVirtualAccountId) {
    await moveUsage(tx, former, instance.localVirtualAccountId, instance.registeredAt)
  }
}

/** Moves what a locked instance uses to the counters of another Local Virtual Account of the same account. */
export async function moveUsage(tx: Db, instance: ReportingInstance, localVirtualAccountId: number, now: Date): Promise<void> {
  const there = { ...instance, localVirtualAccountId, usage: [] }
  await lockLocalVirtualAccounts(tx, [instance, there])
  await applyUsageDeltas(tx, [{ instance, change: usageChange(instance.usage, []) }], now)
  const used = instance.usage.map(({ tagId, quantity, version }) => ({ tagId, count: quantity, version }))
  await applyUsageDeltas(tx, [{ instance: there, change: usageChange([], used) }], now)
}
