import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { deleteCloudCredentials } from '../storage/cloudCredentials.ts'
import { recordEvent } from '../storage/events.ts'

/**
 * Forgets as whom the cloud lets an account in (0: the server). An account goes on with the server's, where there are any; where there are none it
 * is synchronized by file, or asked for a client when it is registered anew. Refuses where nothing is stored.
 */
export async function forgetCloudCredentials(context: Context, who: Person, localAccountId: number): Promise<void> {
  await context.storage.transaction(async tx => {
    const clientId = await deleteCloudCredentials(tx, localAccountId)
    refuseUnless(clientId !== undefined, 'NOT_FOUND', 'No credentials of the cloud are stored here.')
    const message = `The stored credentials of the cloud client ${clientId} were forgotten.`
    await recordEvent(tx, { localAccountId, at: context.clock.now(), kind: 'settings changed', message, who: who.name })
  })
}
