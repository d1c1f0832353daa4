import type { Context } from '../context.ts'
import { type ApiClient, clientInForce } from '../rules/apiClients.ts'
import { Refusal } from '../rules/refusal.ts'
import { findApiClient } from '../storage/apiClients.ts'
import { recordEvent } from '../storage/events.ts'
import { apiSecretMatches } from './apiSecrets.ts'

/** A script that says which client it is, and from where. */
export type ClientClaim = { clientId: string; clientSecret: string; address: string }

/**
 * The client that knows its secret. Refuses, in one sentence and after the same work, an unknown client, a wrong secret, and a client that was
 * revoked or has ended. The event log of the server says so, and of the secret nothing.
 */
export async function recogniseApiClient(context: Context, { clientId, clientSecret, address }: ClientClaim): Promise<ApiClient> {
  const now = context.clock.now()
  const { db } = context.storage
  const found = await findApiClient(db, clientId)
  const matches = apiSecretMatches(found?.secretHash, clientSecret)
  if (found && matches && clientInForce(found.client, now)) return found.client
  await recordEvent(db, {
    localAccountId: 0,
    at: now,
    kind: 'sign-in refused',
    message: 'An API client was refused.',
    who: found?.client.name ?? clientId.slice(0, 64),
    source: address,
  })
  throw new Refusal('NOT_SIGNED_IN', 'The client or its secret is not right, or the client has ended.', 'client_id')
}
