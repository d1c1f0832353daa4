import type { UsageChange } from '../rules/usage.ts'
import { addUsage, lockLocalVirtualAccounts } from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { deleteUsage, updateContacts, upsertUsage } from '../storage/usage.ts'
import { settleAuthorizations } from './settleAuthorizations.ts'
import type { AcceptedReport } from './usageReport.ts'

/** Puts what the reports changed in place, moves the counters, settles what they touch and writes the events. */
export async function applyUsageChanges(tx: Db, accepted: AcceptedReport[], now: Date): Promise<void> {
  const changed = accepted.filter(({ change }) => change.deltas.length > 0)
  const places = changed.map(({ instance }) => ({
    localAccountId: instance.localAccountId,
    localVirtualAccountId: instance.localVirtualAccountId,
  }))
  if (changed.length > 0) await lockLocalVirtualAccounts(tx, places)
  const ofInstance = <T>(pick: (change: UsageChange) => T[]) =>
    accepted.flatMap(({ report, change }) =>
      pick(change).map(row => ({ localAccountId: report.localAccountId, productInstanceId: report.productInstanceId, ...row })),
    )
  await upsertUsage(
    tx,
    ofInstance(change => change.put),
    now,
  )
  await deleteUsage(
    tx,
    ofInstance(change => change.drop),
  )
  await updateContacts(
    tx,
    accepted.map(({ report }) => report),
    now,
  )
  if (changed.length === 0) return
  await addUsage(tx, sumDeltas(changed))
  for (const [localAccountId, localVirtualAccountIds] of placesByAccount(places)) {
    await settleAuthorizations(tx, { localAccountId, localVirtualAccountIds }, now)
  }
  await recordEvents(
    tx,
    changed.map(({ report, instance, change }) => ({
      localAccountId: instance.localAccountId,
      localVirtualAccountId: instance.localVirtualAccountId,
      productInstanceId: report.productInstanceId,
      at: now,
      kind: 'usage changed' as const,
      message: `${instance.name} changed what it uses: ${change.deltas.length} ${change.deltas.length === 1 ? 'license' : 'licenses'}.`,
      who: instance.name,
    })),
  )
}

/** One delta for each counter, in the order of the keys. */
function sumDeltas(changed: AcceptedReport[]) {
  const sums = new Map<string, { localAccountId: number; localVirtualAccountId: number; tagId: number; inUse: number; instances: number }>()
  for (const { instance, change } of changed) {
    for (const delta of change.deltas) {
      const { localAccountId, localVirtualAccountId } = instance
      const key = `${localAccountId}/${localVirtualAccountId}/${delta.tagId}`
      const sum = sums.get(key) ?? { localAccountId, localVirtualAccountId, tagId: delta.tagId, inUse: 0, instances: 0 }
      sum.inUse += delta.inUse
      sum.instances += delta.instances
      sums.set(key, sum)
    }
  }
  return [...sums.values()].sort(
    (a, b) => a.localAccountId - b.localAccountId || a.localVirtualAccountId - b.localVirtualAccountId || a.tagId - b.tagId,
  )
}

function placesByAccount(places: { localAccountId: number; localVirtualAccountId: number }[]): Map<number, number[]> {
  const byAccount = new Map<number, Set<number>>()
  for (const { localAccountId, localVirtualAccountId } of places) {
    byAccount.set(localAccountId, (byAccount.get(localAccountId) ?? new Set()).add(localVirtualAccountId))
  }
  return new Map([...byAccount].map(([account, ids]) => [account, [...ids].sort((a, b) => a - b)]))
}
