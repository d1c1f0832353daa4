import type { Context } from '../context.ts'
import { later, minute } from '../rules/clock.ts'
import { isWorthCarryingAgain, type Synchronization } from '../rules/exchanges.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { finishSynchronization, listUnansweredSynchronizations } from '../storage/synchronizations.ts'
import { completeExchange } from './completeExchange.ts'
import { theServer } from './theServer.ts'

/** Who carries an exchange says so twice a minute (carryExchange); after this long in silence nobody does. */
const silence = 3 * minute

/** Takes up the exchanges by network that nobody has carried for a while: the server that did was killed, or lost its database. */
export const resumeOrphanedExchanges = (context: Context): Promise<void> => resumeExchanges(context, silence)

/**
 * Takes up the exchanges by network that a server which was killed has left under way; those that have been silent for so long, or all. Each is
 * finished as any other: applied, or ended with a sentence. Two servers that start together may both carry one, and one of them applies it.
 */
export async function resumeExchanges(context: Context, silentFor = 0): Promise<void> {
  const { db } = context.storage
  for (const exchange of await listUnansweredSynchronizations(db, later(context.clock.now(), -silentFor))) {
    await resume(context, exchange).catch((error: Error) =>
      context.log.warn({ localAccountId: exchange.localAccountId, synchronization: exchange.id }, error.message),
    )
  }
}

/** What may no longer leave ends here: "A withheld value is never in any upward byte", and a stale request costs a full synchronization anyway. */
async function resume(context: Context, exchange: Synchronization): Promise<void> {
  const { db } = context.storage
  const now = context.clock.now()
  const { privacy } = await getLocalAccount(db, exchange.localAccountId)
  if (isWorthCarryingAgain(exchange, privacy, now)) return void (await completeExchange(context, theServer, exchange))
  const message = 'It was left under way and is not carried again: it is too old, or tells what has been withheld since.'
  await finishSynchronization(db, exchange, { state: 'failed', code: 'FILE_EXPIRED', message, at: now })
}
