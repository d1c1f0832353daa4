import type { Context } from '../context.ts'
import { deleteApiToken } from '../storage/apiTokens.ts'
import { hashApiSecret } from './apiSecrets.ts'
import { type ClientClaim, recogniseApiClient } from './recogniseApiClient.ts'

/**
 * Takes an access token out of use (RFC 7009). Refuses a client that is not recognised. A token that is unknown, over, or another client's is
 * left alone without a word: the answer tells nothing about it.
 */
export async function revokeAccessToken(context: Context, claim: ClientClaim, accessToken: string): Promise<void> {
  const client = await recogniseApiClient(context, claim)
  await deleteApiToken(context.storage.db, hashApiSecret(accessToken), client.id)
}
