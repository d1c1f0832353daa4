import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { mintIdentifier } from '../rules/identifiers.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { checkMaximumUses, checkTokenDescription, type RegistrationToken, tokenExpiry } from '../rules/tokens.ts'
import { recordEvent } from '../storage/events.ts'
import { findLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'
import { insertRegistrationToken } from '../storage/registrationTokens.ts'
import { writeTokenText } from './tokenText.ts'

/** What somebody asks for: `days` to live, and how many uses at most; null is any number. */
export type TokenRequest = {
  localAccountId: number
  localVirtualAccountId: number
  description: string
  days: number
  maximumUses: number | null
  exportControlled: boolean
}

/** The purpose under which a token's text is sealed and hashed. */
export const tokenPurpose = 'registration token'

/**
 * Creates a token of a Local Virtual Account. `secret` is the text that a product presents; of it a keyed hash and a sealed copy are kept.
 * Refuses days and uses outside their bounds, and a Local Virtual Account that is not there.
 */
export async function createRegistrationToken(
  context: Context,
  who: Person,
  request: TokenRequest,
): Promise<{ token: RegistrationToken; secret: string }> {
  const now = context.clock.now()
  const token: RegistrationToken = {
    localAccountId: request.localAccountId,
    id: mintIdentifier(request.localAccountId, now, randomBytes(7)),
    localVirtualAccountId: request.localVirtualAccountId,
    description: checkTokenDescription(request.description),
    exportControlled: request.exportControlled,
    maximumUses: checkMaximumUses(request.maximumUses),
    uses: 0,
    expiresAt: tokenExpiry(request.days, now),
    createdAt: now,
    createdBy: who.name,
    revokedAt: null,
  }
  const { text, plain } = writeTokenText(token, randomBytes(32))
  const secret = { hash: context.secrets.keyedHash(plain, tokenPurpose), sealed: context.secrets.seal(text, tokenPurpose) }
  await context.storage.transaction(async tx => {
    const place = await findLocalVirtualAccount(tx, token.localAccountId, token.localVirtualAccountId)
    refuseUnless(place, 'NOT_FOUND', 'There is no such Local Virtual Account.', 'localVirtualAccount')
    await insertRegistrationToken(tx, token, secret)
    await recordEvent(tx, {
      localAccountId: token.localAccountId,
      localVirtualAccountId: token.localVirtualAccountId,
      at: now,
      kind: 'token created',
      message: `A registration token for ${place.name} was created${token.description && `: ${token.description}`}.`,
      who: who.name,
    })
  })
  return { token, secret: text }
}
