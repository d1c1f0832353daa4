import type { Context } from '../context.ts'
import { listCertificates } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { listInstancesWithoutCertificate, updateInstanceStates } from '../storage/productInstanceExpiry.ts'
import { lockReportingInstances } from '../storage/usage.ts'
import { releaseUsage } from './releaseUsage.ts'

/** So many a tick: a site whose whole fleet ends on one day is worked through without one long transaction. */
const group = 500

type InstanceKey = { localAccountId: number; productInstanceId: string }

/** Expires the instances whose certificates have all ended, a group of them; gives how many were found. */
export async function expireProductInstances(tx: Db, now: Date): Promise<number> {
  const ended = await listInstancesWithoutCertificate(tx, now, group)
  return expire(tx, ended, now)
}

/** Expires one instance that is met with an ended certificate, unless another certificate of it still holds. */
export async function expireProductInstance(context: Context, key: InstanceKey): Promise<void> {
  const now = context.clock.now()
  await context.storage.transaction(async tx => {
    const [instance] = await lockReportingInstances(tx, [key])
    if (!instance || instance.state === 'EXPIRED') return
    const certificates = await listCertificates(tx, key.localAccountId, key.productInstanceId)
    if (certificates.every(certificate => certificate.notAfter <= now)) await expire(tx, [key], now)
  })
}

/** "An expired ID certificate makes it unregistered: usage freed, instance kept as `EXPIRED` until it registers again or is removed." */
async function expire(tx: Db, keys: InstanceKey[], now: Date): Promise<number> {
  const instances = await releaseUsage(tx, keys, now)
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
