import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import { recordEvent } from '../storage/events.ts'
import { findRegistrationToken, markTokenRevoked } from '../storage/registrationTokens.ts'

/**
 * Revokes a token: it lets nobody in any more, and "touch[es] nothing that is registered". Revoking it again changes nothing.
 * Refuses a token that is not there.
 */
export async function revokeRegistrationToken(
  context: Context,
  who: Person,
  { localAccountId, id }: { localAccountId: number; id: string },
): Promise<RegistrationToken> {
  const now = context.clock.now()
  return context.storage.transaction(async tx => {
    const before = await findRegistrationToken(tx, localAccountId, id)
    const token = await markTokenRevoked(tx, localAccountId, id, { at: now, who: who.name })
    refuseUnless(before && token, 'NOT_FOUND', 'There is no such registration token.')
    if (before.token.revokedAt) return token
    await recordEvent(tx, {
      localAccountId,
      localVirtualAccountId: token.localVirtualAccountId,
      at: now,
      kind: 'token revoked',
      message: `A registration token was revoked after ${token.uses} ${token.uses === 1 ? 'use' : 'uses'}${token.description && `: ${token.description}`}.`,
      who: who.name,
    })
    return token
  })
}
