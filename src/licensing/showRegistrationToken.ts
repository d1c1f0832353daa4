import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { findRegistrationToken } from '../storage/registrationTokens.ts'
import { tokenPurpose } from './createRegistrationToken.ts'

/**
 * The text of a token: "The secret can be shown again to those who may create tokens". The log says who looked, and not at what.
 * Refuses a token that is not there, and one that was revoked: nobody can use it any more.
 */
export async function showRegistrationToken(
  context: Context,
  who: Person,
  { localAccountId, id }: { localAccountId: number; id: string },
): Promise<string> {
  const found = await findRegistrationToken(context.storage.db, localAccountId, id)
  refuseUnless(found, 'NOT_FOUND', 'There is no such registration token.')
  refuseUnless(!found.token.revokedAt, 'CONFLICT', 'This registration token was revoked.')
  context.log.info({ who: who.name, localAccountId, registrationToken: id }, 'a registration token was shown')
  return context.secrets.open(found.secret.sealed, tokenPurpose).toString('utf8')
}
