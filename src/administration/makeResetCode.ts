import type { Context } from '../context.ts'
import { hour, later } from '../rules/clock.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { putResetCode } from '../storage/resetCodes.ts'
import { findUser } from '../storage/users.ts'
import { hashResetCode } from './resetWithCode.ts'
import { readableCode } from './secondFactor/codes.ts'

/**
 * Makes a code by which somebody chooses a new password: "reset codes travel out of band only, single use, short-lived, bound to the account". It is
 * given here and kept as a keyed hash; the password before stays until the code is used. Refuses an unknown user, and one whose password is kept elsewhere.
 */
export async function makeResetCode(context: Context, who: Person, username: string): Promise<{ code: string; expiresAt: Date }> {
  const createdAt = context.clock.now()
  const expiresAt = later(createdAt, hour)
  const code = readableCode(20)
  await context.storage.transaction(async tx => {
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.')
    refuseUnless(
      user.origin === 'local',
      'CONFLICT',
      `The password of ${user.username} is not kept here: it is changed where the user comes from.`,
    )
    await putResetCode(tx, { userId: user.id, codeHash: hashResetCode(context, code), createdAt, expiresAt, createdBy: who.name })
    const message = `A code for a new password of ${user.username} was made.`
    await recordEvent(tx, { localAccountId: 0, at: createdAt, kind: 'user changed', message, who: who.name })
  })
  return { code, expiresAt }
}
