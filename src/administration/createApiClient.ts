import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { checkClientName, scopesForClient } from '../rules/apiClients.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { insertApiClient } from '../storage/apiClients.ts'
import { recordEvent } from '../storage/events.ts'
import { hashApiSecret } from './apiSecrets.ts'

/** What a client shall be: of one Local Account or, without one, of the server; with all scopes of its place, unless some are named. */
export type ApiClientWish = { name: string; localAccountId?: number; scopes?: string[]; expiresAt?: Date }

/**
 * Makes a client of the API. Its secret is generated, given here and nowhere kept: the table has a hash of it. Refuses a name that is empty or
 * too long, scopes that the place does not allow, and an end that has passed.
 */
export async function createApiClient(
  context: Context,
  who: Person,
  wish: ApiClientWish,
): Promise<{ clientId: string; clientSecret: string }> {
  const now = context.clock.now()
  const localAccountId = wish.localAccountId ?? null
  const clientId = randomBytes(16).toString('hex')
  const clientSecret = randomBytes(32).toString('base64url')
  const client = {
    clientId,
    name: checkClientName(wish.name),
    localAccountId,
    scopes: scopesForClient(localAccountId, wish.scopes),
    createdAt: now,
    createdBy: who.name,
    expiresAt: wish.expiresAt ?? null,
  }
  refuseUnless(client.expiresAt === null || client.expiresAt > now, 'INVALID', 'The end must lie in the future.', 'expiresAt')
  await context.storage.transaction(async tx => {
    await insertApiClient(tx, client, hashApiSecret(clientSecret))
    await recordEvent(tx, {
      localAccountId: localAccountId ?? 0,
      at: now,
      kind: 'api client changed',
      message: `The API client ${client.name} was created with the scopes ${client.scopes.join(', ')}.`,
      who: who.name,
    })
  })
  return { clientId, clientSecret }
}
