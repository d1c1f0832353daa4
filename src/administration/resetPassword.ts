import type { Context } from '../context.ts'
import { generatePassword, hashPassword } from '../directory/localPasswords.ts'
import { noFailedSignIns } from '../rules/lockout.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { deleteResetCode } from '../storage/resetCodes.ts'
import { deleteSecondFactor } from '../storage/secondFactors.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findUser, updateUser } from '../storage/users.ts'

/** `withSecondFactor`: that is taken away too, for somebody who has lost everything. */
export type PasswordReset = { username: string; mustChangePassword: boolean; withSecondFactor?: boolean }

/**
 * Gives a user a new, generated password that is shown once; ends the user's sessions, and a lock.
 * `server administrator reset` and the users page. Refuses an unknown user.
 */
export async function resetPassword(context: Context, who: Person, wish: PasswordReset): Promise<{ password: string }> {
  const password = generatePassword()
  const passwordHash = await hashPassword(password)
  await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const user = await findUser(tx, wish.username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    const elsewhere = `The password of ${user.username} is not kept here: it is changed where the user comes from.`
    refuseUnless(user.origin === 'local', 'CONFLICT', elsewhere)
    await updateUser(tx, user.id, { ...noFailedSignIns, passwordHash, passwordChangedAt: now, mustChangePassword: wish.mustChangePassword })
    await deleteSessionsOf(tx, user.id)
    await deleteResetCode(tx, user.id)
    const lost = wish.withSecondFactor && (await deleteSecondFactor(tx, user.id))
    const message = `The password of ${user.username} was reset${lost ? ', and the second factor taken away' : ''}.`
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message, who: who.name })
  })
  return { password }
}
