import type { Context } from '../context.ts'
import type { ApiClient } from '../rules/apiClients.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { markApiClientRevoked } from '../storage/apiClients.ts'
import { deleteTokensOfClient } from '../storage/apiTokens.ts'
import { recordEvent } from '../storage/events.ts'

/** Revokes a client of the API: it gets no token any more, and those it has end at once. Refuses one that is not there or was revoked before. */
export async function revokeApiClient(context: Context, who: Person, clientId: string): Promise<ApiClient> {
  const at = context.clock.now()
  return context.storage.transaction(async tx => {
    const client = await markApiClientRevoked(tx, clientId, at)
    refuseUnless(client, 'NOT_FOUND', 'There is no such API client, or it was revoked already.')
    await deleteTokensOfClient(tx, client.id)
    const message = `The API client ${client.name} was revoked.`
    await recordEvent(tx, { localAccountId: client.localAccountId ?? 0, at, kind: 'api client changed', message, who: who.name })
    return client
  })
}
