import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { listInstancesWithoutCertificate, updateInstanceStates } from '../storage/productInstanceExpiry.ts'
import { releaseUsage } from './releaseUsage.ts'

/** So many a tick: a site whose whole fleet ends on one day is worked through without one long transaction. */
const group = 500

/**
 * "An expired ID certificate makes it unregistered: usage freed, instance kept as `EXPIRED` until it registers again or is removed."
 * Gives how many instances were found.
 */
export async function expireProductInstances(tx: Db, now: Date): Promise<number> {
  const ended = await listInstancesWithoutCertificate(tx, now, group)
  const instances = await releaseUsage(tx, ended, now)
  await updateInstanceStates(
    tx,
    instances.map(instance => ({ localAccountId: instance.localAccountId, productInstanceId: instance.id })),
    'EXPIRED',
  )
  await recordEvents(
    tx,
    instances.map(instance => ({
      localAccountId: instance.localAccountId,
      localVirtualAccountId: instance.localVirtualAccountId,
      productInstanceId: instance.id,
      at: now,
      kind: 'product instance expired' as const,
      message: `The ID certificate of ${instance.name} has ended. Its licenses are free; it must register again.`,
      who: 'the server',
    })),
  )
  return instances.length
}
