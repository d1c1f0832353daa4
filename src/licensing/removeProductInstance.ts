import type { Context } from '../context.ts'
import { isUuid } from '../rules/identifiers.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { deleteProductInstance } from '../storage/productInstances.ts'
import { insertTombstone } from '../storage/tombstones.ts'
import { lockReportingInstances } from '../storage/usage.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'
import { releaseUsage } from './releaseUsage.ts'

type InstanceKey = { localAccountId: number; productInstanceId: string }

/**
 * "Removal by an administrator frees its licenses at once; its next message gets `UNKNOWN_INSTANCE`." Refuses an instance that is not there.
 */
export async function removeProductInstance(
  context: Context,
  who: Person,
  { localAccountId, id, reason }: { localAccountId: number; id: string; reason?: string },
): Promise<void> {
  const because = reason?.trim() ? reason.trim() : 'Removed by a person.'
  const key = { localAccountId, productInstanceId: id }
  await context.storage.transaction(async tx => {
    const known = isUuid(id) && (await buryProductInstance(tx, key, { who: () => who.name, reason: because }, context.clock.now()))
    refuseUnless(known, 'NOT_FOUND', 'There is no such product instance.')
  })
}

/**
 * "DEREGISTRATION: usage released, ID cert forgotten, row archived." Refuses with UNKNOWN_INSTANCE when it is done already, or when the certificate
 * that asked for it has ended since.
 */
export const deregisterProductInstance = (
  context: Context,
  receipt: Receipt,
  { certificateSerial, ...key }: InstanceKey & { certificateSerial: string },
  write: () => string,
): Promise<string> =>
  answerOnce(context, receipt, async tx => {
    const [instance] = await lockReportingInstances(tx, [key])
    const isTheirs = instance?.certificates.includes(certificateSerial)
    const known =
      isTheirs && (await buryProductInstance(tx, key, { who: name => name, reason: 'Deregistered by the product.' }, context.clock.now()))
    refuseUnless(known, 'UNKNOWN_INSTANCE', 'The product instance is not known.', 'product_instance_identifier')
    return write()
  })

/** Frees what an instance uses, removes it and leaves a tombstone, all in the caller's transaction; false when there is no such instance. */
export async function buryProductInstance(
  tx: Db,
  key: InstanceKey,
  { who, reason }: { who(name: string): string; reason: string },
  now: Date,
): Promise<boolean> {
  const [instance] = await releaseUsage(tx, [key], now)
  if (!instance) return false
  await deleteProductInstance(tx, key.localAccountId, key.productInstanceId)
  await insertTombstone(tx, { ...key, name: instance.name, removedAt: now, removedBy: who(instance.name), reason })
  await recordEvent(tx, {
    ...key,
    localVirtualAccountId: instance.localVirtualAccountId,
    at: now,
    kind: 'product instance removed',
    message: `${instance.name} was removed and its licenses are free: ${reason}`,
    who: who(instance.name),
  })
  return true
}
