import { randomUUID } from 'node:crypto'
import type { Context } from '../../context.ts'
import { may, type Person } from '../../rules/roles.ts'
import { actAs } from '../../storage/acting.ts'
import { clearAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import {
  advanceBatch,
  endBatch,
  findBatch,
  type InstanceBatch,
  listNextInstances,
  listRunningBatches,
  lockRunningBatch,
} from '../../storage/instanceBatches.ts'
import { findReporter } from '../../storage/reportSchedules.ts'
import { buryProductInstance } from '../removeProductInstance.ts'
import { moveSome } from '../transferProductInstances.ts'
import { batchAlert, part } from './batchAlert.ts'
import { actOfDeed, batchScope } from './beginBatch.ts'

type BatchKey = Pick<InstanceBatch, 'localAccountId' | 'id'>

/**
 * Carries a batch to its end, part by part: each is a transaction with the place that the batch has come to, so that no instance is half moved and
 * none is forgotten. Gives the batch as it ended, or as it is where somebody else carries it or `ends` says so; undefined where there is none.
 */
export async function carryBatch(
  context: Context,
  key: BatchKey,
  { ends }: { ends?: AbortSignal } = {},
): Promise<InstanceBatch | undefined> {
  for (let goesOn = true; goesOn && !ends?.aborted; ) goesOn = await context.storage.transaction(tx => doPart(context, tx, key))
  return findBatch(context.storage.db, key)
}

/** Takes up what a server that stopped has left. */
export async function carryBatches(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  for (const key of await listRunningBatches(context.storage.db)) await carryBatch(context, key, { ...(ends && { ends }) })
}

/** One part. Whether there is more. */
async function doPart(context: Context, tx: Db, key: BatchKey): Promise<boolean> {
  const batch = await lockRunningBatch(tx, key)
  if (!batch) return false
  const now = context.clock.now()
  const holder = await findReporter(tx, batch.userId)
  const who: Person = { kind: 'user', name: batch.username, assignments: holder?.assignments ?? [] }
  const failure = whyNot(who, batch)
  if (failure) return end(tx, batch, 'failed', now, failure)
  const chosen = await listNextInstances(tx, batchScope(who, batch), batch, part)
  const last = chosen.at(-1)
  if (last) {
    const actor = { kind: 'user' as const, name: who.name, correlationId: randomUUID() }
    const outcome = await actAs(actor, () => (batch.deed === 'transfer' ? transferPart : removePart)(tx, who, batch, chosen, now))
    await advanceBatch(tx, batch, { after: [last.name, last.id], ...outcome })
  }
  return chosen.length === part || end(tx, batch, 'done', now)
}

/** "Default deny", also for what was begun while somebody might: each part is done by who may do it now, and to a place that is there. */
function whyNot(who: Person, { deed, localAccountId, toPlace, place }: InstanceBatch): string | undefined {
  if (deed === 'transfer' && place === '')
    return 'The Local Virtual Account that it went to was deleted. What is done stays done; the rest was left.'
  const allowed = deed === 'removal' || may(who, actOfDeed.transfer, { localAccountId, localVirtualAccountId: toPlace! })
  return allowed && who.assignments.length > 0
    ? undefined
    : 'Whoever began this may not do it any more. What is done stays done; the rest was left.'
}

async function end(tx: Db, batch: InstanceBatch, state: 'done' | 'failed', at: Date, failure?: string): Promise<false> {
  await endBatch(tx, batch, { state, at, ...(failure !== undefined && { failure }) })
  await clearAlert(tx, batchAlert(batch), at)
  return false
}

type Part = (
  tx: Db,
  who: Person,
  batch: InstanceBatch,
  chosen: { id: string }[],
  now: Date,
) => Promise<{ done: number; thereAlready: number }>

const transferPart: Part = async (tx, who, { localAccountId, toPlace }, chosen, now) => {
  const keys = chosen.map(({ id }) => ({ localAccountId, productInstanceId: id }))
  const { moved, stayed } = await moveSome(tx, who, keys, toPlace!, now)
  return { done: moved.length, thereAlready: stayed }
}

const removePart: Part = async (tx, who, { localAccountId }, chosen, now) => {
  let done = 0
  for (const { id } of chosen)
    if (
      await buryProductInstance(tx, { localAccountId, productInstanceId: id }, { who: () => who.name, reason: 'Removed by a person.' }, now)
    )
      done++
  return { done, thereAlready: 0 }
}
