import type { Context } from '../../context.ts'
import { RefusedByReceiver } from '../../receivers/webhook.ts'
import { later, minute } from '../../rules/clock.ts'
import { mostWaiting, type Notice, receiverRetryAt, refusalsBeforeGivingUp } from '../../rules/receivers.ts'
import { clearAlert } from '../../storage/alerts.ts'
import { giveUpBeyond, listWaitingNotices, markNoticeFailed, markNoticesDelivered } from '../../storage/notices.ts'
import {
  claimReceivers,
  countDropped,
  findReceiver,
  markReceiverFailed,
  markReceiverReached,
  type Receiver,
  releaseReceiver,
} from '../../storage/receivers.ts'
import { batchOf, deliver } from './deliver.ts'
import { raiseLost, raiseUnreached, unreachedAlert } from './receiverAlerts.ts'

/** A server that dies while it tells a receiver leaves it to others after this long; what it had told by then may be told twice, and never not at all. */
const claim = 5 * minute

/**
 * Tells every receiver what waits for it, in the order in which it happened; what cannot be told waits, however long the receiver is away, within
 * `most`. Receivers do not wait for each other.
 */
export async function tellReceivers(
  context: Context,
  { ends, most = mostWaiting }: { ends?: AbortSignal; most?: number } = {},
): Promise<void> {
  const now = context.clock.now()
  const due = await claimReceivers(context.storage.db, now, later(now, claim))
  await Promise.all(due.map(receiver => tell(context, receiver, most, ends)))
}

/** Tells one receiver what waits, by its settings and its key as they are for each batch: somebody may change or remove it meanwhile. */
async function tell(context: Context, claimed: Receiver, most: number, ends: AbortSignal | undefined): Promise<void> {
  const { db } = context.storage
  await keepWithin(context, claimed, most)
  let receiver: Receiver | undefined = claimed
  while (receiver && !ends?.aborted) {
    const notices = await listWaitingNotices(db, receiver.id, batchOf(receiver))
    if (notices.length === 0) break
    try {
      await tellDelivered(context, receiver, notices, await deliver(context, receiver, notices))
    } catch (error) {
      return tellFailure(context, receiver, notices[0]!, error as Error)
    }
    receiver = await findReceiver(db, claimed.id)
  }
  await releaseReceiver(db, claimed.id, context.clock.now())
}

async function keepWithin(context: Context, receiver: Receiver, most: number): Promise<void> {
  await context.storage.transaction(async tx => {
    const at = context.clock.now()
    const dropped = await giveUpBeyond(tx, receiver.id, most, at)
    if (dropped > 0 && (await findReceiver(tx, receiver.id, true)))
      await raiseLost(tx, receiver, await countDropped(tx, receiver.id, dropped), at)
  })
}

const tellDelivered = (context: Context, { id }: Receiver, notices: Notice[], answer: string) =>
  context.storage.transaction(async tx => {
    const at = context.clock.now()
    await markNoticesDelivered(
      tx,
      id,
      notices.map(notice => notice.id),
      { at, answer },
    )
    await markReceiverReached(tx, id, { at, nextAt: later(at, claim) })
    await clearAlert(tx, unreachedAlert(id), at)
  })

/** One that answers and refuses is given up in the end: it would keep all that come after it for ever. Of a receiver that is gone nothing is told. */
async function tellFailure(context: Context, receiver: Receiver, notice: Notice & { attempts: number }, error: Error): Promise<void> {
  const at = context.clock.now()
  const failure = error.message
  const attempts = receiver.attempts + 1
  context.log.warn({ receiver: receiver.id, notice: notice.id, attempts }, failure)
  await context.storage.transaction(async tx => {
    if (!(await findReceiver(tx, receiver.id, true))) return
    const givesUp = error instanceof RefusedByReceiver && notice.attempts + 1 >= refusalsBeforeGivingUp
    await markNoticeFailed(tx, receiver.id, notice.id, { answer: failure, givenUpAt: givesUp ? at : null })
    await markReceiverFailed(tx, receiver.id, { failure, attempts, at, nextAt: receiverRetryAt(attempts, at) })
    await raiseUnreached(tx, receiver, { failure, attempts, at })
  })
}
