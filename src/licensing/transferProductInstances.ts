import type { Context } from '../context.ts'
import type { LocalVirtualAccount } from '../rules/accounts.ts'
import { isUuid } from '../rules/identifiers.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { may, type Person } from '../rules/roles.ts'
import { addUsage, lockLocalVirtualAccounts } from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { getLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'
import { moveProductInstances } from '../storage/productInstances.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { placesOf, sumDeltas } from './applyUsageChanges.ts'
import { settleAuthorizations } from './settleAuthorizations.ts'

/** Which product instances go to which Local Virtual Account. */
export type InstanceTransfer = { localAccountId: number; ids: string[]; to: number }

/**
 * "Transfer to another Local Virtual Account moves its usage": all of the instances or none, and what that touches is settled in the same
 * transaction. One that is there already stays. Whoever transfers must be allowed to in all of the places; an instance that they do not see, or
 * that is gone, is refused as not there. Gives the names of those that went.
 */
export async function transferProductInstances(
  context: Context,
  who: Person,
  { localAccountId, ids, to }: InstanceTransfer,
): Promise<string[]> {
  const here = (localVirtualAccountId: number) => may(who, 'transfer licenses', { localAccountId, localVirtualAccountId })
  refuseUnless(here(to), 'NOT_ALLOWED', 'Transferring needs a role in both Local Virtual Accounts.')
  const now = context.clock.now()
  const keys = [...new Set(ids.filter(isUuid))].map(productInstanceId => ({ localAccountId, productInstanceId }))
  return context.storage.transaction(async tx => {
    const target = await getLocalVirtualAccount(tx, localAccountId, to)
    const instances = await lockReportingInstances(tx, keys)
    const known = instances.length === new Set(ids).size && instances.every(instance => here(instance.localVirtualAccountId))
    refuseUnless(
      known,
      'NOT_FOUND',
      `There is no such product instance${ids.length > 1 ? ' for one of these' : ''}. It may have been removed.`,
    )
    const moving = instances.filter(instance => instance.localVirtualAccountId !== to)
    if (moving.length > 0) await moveInstances(tx, who, moving, target, now)
    return moving.map(instance => instance.name)
  })
}

/**
 * Moves those of some instances that are not in a Local Virtual Account yet, within a transaction. Gives the names of those that went, and how many
 * were there; whoever is gone is neither.
 */
export async function moveSome(
  tx: Db,
  who: Person,
  keys: { localAccountId: number; productInstanceId: string }[],
  to: number,
  now: Date,
): Promise<{ moved: string[]; stayed: number }> {
  const [{ localAccountId } = { localAccountId: 0 }] = keys
  const target = await getLocalVirtualAccount(tx, localAccountId, to)
  const instances = await lockReportingInstances(tx, keys)
  const moving = instances.filter(instance => instance.localVirtualAccountId !== to)
  if (moving.length > 0) await moveInstances(tx, who, moving, target, now)
  return { moved: moving.map(instance => instance.name), stayed: instances.length - moving.length }
}

async function moveInstances(tx: Db, who: Person, moving: ReportingInstance[], target: LocalVirtualAccount, now: Date): Promise<void> {
  const { localAccountId, id: to } = target
  const deltas = sumDeltas(
    moving.flatMap(instance => [
      { instance, change: { deltas: instance.usage.map(({ tagId, quantity }) => ({ tagId, inUse: -quantity, instances: -1 })) } },
      {
        instance: { localAccountId, localVirtualAccountId: to },
        change: { deltas: instance.usage.map(({ tagId, quantity }) => ({ tagId, inUse: quantity, instances: 1 })) },
      },
    ]),
  )
  await lockLocalVirtualAccounts(tx, [...moving, { localAccountId, localVirtualAccountId: to }])
  await moveProductInstances(
    tx,
    localAccountId,
    moving.map(instance => instance.id),
    to,
  )
  if (deltas.length > 0) {
    await addUsage(tx, deltas)
    await settleAuthorizations(tx, placesOf(deltas), now)
  }
  await recordEvents(
    tx,
    moving.flatMap(instance =>
      [instance.localVirtualAccountId, to].map(localVirtualAccountId => ({
        localAccountId,
        localVirtualAccountId,
        productInstanceId: instance.id,
        at: now,
        kind: 'product instance transferred' as const,
        message: `${instance.name} was transferred to ${target.name} with what it uses.`,
        who: who.name,
      })),
    ),
  )
}
