import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { lockLocalAccount } from '../storage/localAccounts.ts'
import { cancelOutstandingSynchronization, findOutstandingSynchronization } from '../storage/synchronizations.ts'
import { deleteUploadedResponse } from '../storage/uploadedResponses.ts'

/**
 * Gives up the request that a courier carries: its response is refused from now on. "cancelling a file that never reached the authority costs
 * nothing, and cancelling one that did costs one full sync".
 */
export async function cancelFile(context: Context, who: Person, localAccountId: number): Promise<void> {
  await context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, localAccountId)
    const exchange = await findOutstandingSynchronization(tx, account.id)
    refuseUnless(exchange?.carrier === 'manual', 'NO_PENDING_REQUEST', 'No request of this Local Account is with a courier.')
    const now = context.clock.now()
    await cancelOutstandingSynchronization(tx, account.id, now, `Given up by ${who.name}.`)
    await deleteUploadedResponse(tx, account.id)
    const what = exchange.kind === 'registration' ? 'registration' : 'synchronization'
    const message = `The request of a ${what} by file was given up (number ${exchange.sequence}).`
    await recordEvent(tx, { localAccountId: account.id, at: now, kind: 'synchronization', message, who: who.name })
  })
}
