import { usageChange } from '../rules/usage.ts'
import type { Db } from '../storage/db.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { applyUsageDeltas } from './applyUsageChanges.ts'

/**
 * Frees everything that the given instances use, settles what that touches, and gives the instances, locked until the end of the
 * transaction: the part that removal, deregistration and expiry have in common. An instance that is gone is missing from the answer.
 */
export async function releaseUsage(
  tx: Db,
  keys: { localAccountId: number; productInstanceId: string }[],
  now: Date,
): Promise<ReportingInstance[]> {
  const instances = await lockReportingInstances(tx, keys)
  await applyUsageDeltas(
    tx,
    instances.map(instance => ({ instance, change: usageChange(instance.usage, []) })),
    now,
  )
  return instances
}
