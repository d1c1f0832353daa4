import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { listUnansweredSynchronizations } from '../storage/synchronizations.ts'
import { completeExchange } from './completeExchange.ts'

const server: Person = { kind: 'user', name: 'the server', assignments: [] }

/**
 * Takes up the exchanges by network that a server which was killed has left under way. Each is finished as any other: applied, or ended with
 * a sentence. Two servers that start together may both carry one, and one of them applies it.
 */
export async function resumeExchanges(context: Context): Promise<void> {
  for (const exchange of await listUnansweredSynchronizations(context.storage.db)) {
    await completeExchange(context, server, exchange).catch((error: Error) =>
      context.log.warn({ localAccountId: exchange.localAccountId, synchronization: exchange.id }, error.message),
    )
  }
}
