import type { UsageChange } from '../rules/usage.ts'
import { type AuthorizationKey, addUsage, lockLocalVirtualAccounts, type UsageDelta } from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { type EventRecord, recordEvents } from '../storage/events.ts'
import { deleteUsage, type ReportingInstance, updateContacts, upsertUsage } from '../storage/usage.ts'
import { settleAuthorizations, type Touched } from './settleAuthorizations.ts'
import type { AcceptedReport } from './usageReport.ts'

type InstanceChange = { instance: ReportingInstance; change: UsageChange }

/** Puts what the reports changed in place, moves the counters, settles what they touch, and writes contacts and events. */
export async function applyUsageChanges(tx: Db, accepted: AcceptedReport[], now: Date): Promise<void> {
  await Promise.all([
    updateContacts(
      tx,
      accepted.map(({ report }) => report),
      now,
    ),
    recordEvents(
      tx,
      accepted.filter(moves).map(one => eventOf(one, now)),
    ),
    applyUsageDeltas(tx, accepted, now),
  ])
}

const eventOf = ({ instance, change }: InstanceChange, at: Date): EventRecord => ({
  localAccountId: instance.localAccountId,
  localVirtualAccountId: instance.localVirtualAccountId,
  productInstanceId: instance.id,
  at,
  kind: 'usage changed',
  message: `${instance.name} changed what it uses: ${change.deltas.length} ${change.deltas.length === 1 ? 'license' : 'licenses'}.`,
  who: instance.name,
})

const moves = ({ change }: InstanceChange) => change.deltas.length > 0

/** Writes what changed for instances that are locked, and settles every Local Virtual Account in which a counter moved. */
export async function applyUsageDeltas(tx: Db, changes: InstanceChange[], now: Date): Promise<void> {
  const moving = changes.filter(moves)
  const deltas = sumDeltas(moving)
  const rows = <T>(pick: (change: UsageChange) => T[]) =>
    changes.flatMap(({ instance: { localAccountId, localVirtualAccountId, id: productInstanceId }, change }) =>
      pick(change).map(row => ({ localAccountId, localVirtualAccountId, productInstanceId, ...row })),
    )
  const puts = rows(change => change.put)
  const drops = rows(change => change.drop)
  if (moving.length === 0) return void (await Promise.all([upsertUsage(tx, puts, now), deleteUsage(tx, drops)]))
  const places = moving.map(({ instance }) => instance)
  await Promise.all([lockLocalVirtualAccounts(tx, places), upsertUsage(tx, puts, now), deleteUsage(tx, drops), addUsage(tx, deltas)])
  await settleAuthorizations(tx, placesOf(deltas), now)
}

/** One delta for each counter that changes in the places of instances, in the order of the keys. */
export function sumDeltas(changes: { instance: Omit<AuthorizationKey, 'tagId'>; change: Pick<UsageChange, 'deltas'> }[]): UsageDelta[] {
  const sums = new Map<string, UsageDelta>()
  for (const { instance, change } of changes) {
    const { localAccountId, localVirtualAccountId } = instance
    for (const delta of change.deltas) {
      const key = `${localAccountId}/${localVirtualAccountId}/${delta.tagId}`
      const sum = sums.get(key) ?? { localAccountId, localVirtualAccountId, tagId: delta.tagId, inUse: 0, instances: 0 }
      sums.set(key, { ...sum, inUse: sum.inUse + delta.inUse, instances: sum.instances + delta.instances })
    }
  }
  return [...sums.values()].sort(
    (a, b) => a.localAccountId - b.localAccountId || a.localVirtualAccountId - b.localVirtualAccountId || a.tagId - b.tagId,
  )
}

/** The Local Virtual Accounts that counters stand in, each with the tags that move there. */
export const placesOf = (deltas: UsageDelta[]): Touched[] =>
  [...Map.groupBy(deltas, delta => `${delta.localAccountId}/${delta.localVirtualAccountId}`).values()].map(of => ({
    localAccountId: of[0]!.localAccountId,
    localVirtualAccountId: of[0]!.localVirtualAccountId,
    tagIds: of.map(delta => delta.tagId),
  }))
