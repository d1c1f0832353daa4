import { timingSafeEqual } from 'node:crypto'
import type { Context } from '../context.ts'
import { accountNumberIn } from '../rules/identifiers.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import { findRegistrationToken, type TokenKey } from '../storage/registrationTokens.ts'
import { tokenPurpose } from './createRegistrationToken.ts'
import { readTokenText } from './tokenText.ts'

/**
 * The token that a presented text opens, whatever its standing; `find` is how the door looks for many at once. Undefined for any other text: "To avoid an oracle, TOKEN_EXPIRED/USAGE_EXCEEDED
 * are told apart only after the token's full secret matched (constant-time compare of a stored hash)" (wire-device 5.7).
 */
export async function presentToken(
  context: Context,
  text: string,
  find = (key: TokenKey) => findRegistrationToken(context.storage.db, key.localAccountId, key.id),
): Promise<RegistrationToken | undefined> {
  const presented = readTokenText(text)
  const localAccountId = presented && accountNumberIn(presented.id)
  if (!presented || localAccountId === undefined) return undefined
  const found = await find({ localAccountId, id: presented.id })
  const hash = context.secrets.keyedHash(presented.plain, tokenPurpose)
  return found && timingSafeEqual(hash, found.secret.hash) ? found.token : undefined
}
