import type { Context } from '../context.ts'
import { type ExchangeReason, isWorthCarryingAgain, type Synchronization } from '../rules/exchanges.ts'
import { Refusal } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { findResynchronization } from '../storage/resynchronizations.ts'
import { findLatestSynchronization } from '../storage/synchronizations.ts'
import { asRefusal } from './carryExchange.ts'
import { completeExchange } from './completeExchange.ts'
import { prepareSynchronization } from './prepareSynchronization.ts'
import { tellingProgress } from './tellProgress.ts'

/** "always back in step after at most two exchanges" */
const fullOnesAtMost = 2

/**
 * Synchronizes a Local Account with the cloud over the network. An exchange that was never answered is finished first; where the cloud asks
 * for a full synchronization, it gets one at once. Gives the last exchange, applied. Refuses with the cloud's sentence, or why there was no
 * answer; the exchange keeps that sentence.
 */
export const synchronizeLocalAccount = (
  context: Context,
  who: Person,
  localAccountId: number,
  type: 'standard' | 'full',
  reason: ExchangeReason = 'MANUAL',
): Promise<Synchronization> =>
  tellingProgress(context, localAccountId, async tell => {
    await finishUnanswered(context, who, localAccountId)
    const exchange = async (kind: 'standard' | 'full') => {
      const wish = { localAccountId, reason, carrier: 'network' as const, kind }
      return completeExchange(context, who, await prepareSynchronization(context, who, wish, tell), tell)
    }
    let done = await exchange(type)
    for (let rounds = 0; rounds < fullOnesAtMost && (await findResynchronization(context.storage.db, localAccountId)); rounds++) {
      done = await exchange('full')
    }
    if (done.state !== 'applied') throw asRefusal({ code: done.code ?? '', sentence: done.message ?? 'The cloud has not accepted it.' })
    return done
  })

/** What became of the former request is known before the next one is made; how it ended is its own row's to tell. */
async function finishUnanswered(context: Context, who: Person, localAccountId: number): Promise<void> {
  const account = await getLocalAccount(context.storage.db, localAccountId)
  const latest = await findLatestSynchronization(context.storage.db, localAccountId)
  if (!latest || latest.kind === 'registration' || !isWorthCarryingAgain(latest, account.privacy, context.clock.now())) return
  await completeExchange(context, who, latest).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'CLOUD_UNREACHABLE') throw error
    // What is a fault for the second time would be one the third time as well: the next request goes without its answer.
    if (!(error instanceof Refusal) && latest.code !== 'FAULT') throw error
  })
}
