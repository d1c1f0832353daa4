import type { Context } from '../context.ts'
import { isUuid } from '../rules/identifiers.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { may, type Person } from '../rules/roles.ts'
import { lockReportingInstances } from '../storage/usage.ts'
import { buryProductInstance } from './removeProductInstance.ts'

/**
 * Removes some product instances, all of them or none: licenses are free at once, each has its tombstone and its event. One that is gone already,
 * or that is not for this person to remove, is refused as not there.
 */
export async function removeProductInstances(
  context: Context,
  who: Person,
  { localAccountId, ids }: { localAccountId: number; ids: string[] },
): Promise<void> {
  const now = context.clock.now()
  const keys = [...new Set(ids.filter(isUuid))].map(productInstanceId => ({ localAccountId, productInstanceId }))
  await context.storage.transaction(async tx => {
    const instances = await lockReportingInstances(tx, keys)
    const allowed = instances.filter(({ localVirtualAccountId }) => may(who, 'remove instances', { localAccountId, localVirtualAccountId }))
    refuseUnless(
      allowed.length === new Set(ids).size,
      'NOT_FOUND',
      'One of these product instances is not there. It may have been removed already.',
    )
    for (const key of keys) await buryProductInstance(tx, key, { who: () => who.name, reason: 'Removed by a person.' }, now)
  })
}
