import { timingSafeEqual } from 'node:crypto'
import type { Context } from '../context.ts'
import { hashPassword, passwordMatches } from '../directory/localPasswords.ts'
import { isLockedOut, lockoutWords, noFailedSignIns } from '../rules/lockout.ts'
import { checkPassword, checkRepeated } from '../rules/passwords.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { plainCode } from '../rules/secondFactor.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { listFormerPasswords, rememberPassword } from '../storage/formerPasswords.ts'
import { deleteResetCode, findResetCode } from '../storage/resetCodes.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findCredentials, updateUser } from '../storage/users.ts'
import { countFailure } from './recogniseUser.ts'

/** What the database keeps of a code. */
export const hashResetCode = ({ secrets }: Pick<Context, 'secrets'>, code: string): Buffer =>
  secrets.keyedHash(plainCode(code), 'password reset code')

export type NewPassword = { username: string; code: string; password: string; repeated: string; address: string }

/**
 * Gives somebody the password that they chose, by a code of an administrator, which is good once. A wrong code counts like a wrong password; the
 * answer is the same, after the same work, for whoever is not there, is locked or disabled, or has no code. Ends every session of the user; a second
 * factor stays. Refuses a password that breaks the rules, before the code is looked at and without using it up.
 */
export async function resetWithCode(context: Context, wish: NewPassword): Promise<void> {
  const { passwords, lockout } = await findSecuritySettings(context.storage.db)
  const username = wish.username.trim().slice(0, 256)
  checkPassword(wish.password, username, undefined, passwords)
  checkRepeated(wish.password, wish.repeated)
  const passwordHash = await hashPassword(wish.password)
  const given = hashResetCode(context, wish.code)
  const done = await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const stored = await findCredentials(tx, username, true)
    const user = stored?.user
    const expected = user && (await findResetCode(tx, user.id, now))
    const isRight = expected && timingSafeEqual(expected, given) && !user.disabledAt && !isLockedOut(user, now)
    if (!isRight) return recordFailure(tx, wish, user, now)
    for (const former of [stored.passwordHash, ...(await listFormerPasswords(tx, user.id, passwords.remembered))])
      refuseUnless(
        !(await passwordMatches(former, wish.password)),
        'INVALID',
        'You had this password before. Choose another one.',
        'password',
      )
    await rememberPassword(tx, user.id, now, passwords.remembered)
    await updateUser(tx, user.id, { ...noFailedSignIns, passwordHash, passwordChangedAt: now, mustChangePassword: false })
    await deleteResetCode(tx, user.id)
    await deleteSessionsOf(tx, user.id)
    const message = `${user.username} chose a new password by a code.`
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message, who: user.username, source: wish.address })
    return true
  })
  if (!done)
    throw new Refusal('INVALID', `The user name or the code is not right, or the code is too old. ${lockoutWords(lockout)}`, 'code')
}

async function recordFailure(tx: Db, { username, address }: NewPassword, user: User | undefined, now: Date): Promise<false> {
  if (user && !user.disabledAt && !isLockedOut(user, now)) await countFailure(tx, user, now)
  if (user) await updateUser(tx, user.id, { failuresSinceSignIn: user.failuresSinceSignIn + 1 })
  const message = 'A new password was refused: the code was not right.'
  const who = user?.username ?? username.slice(0, 64)
  await recordEvent(tx, { localAccountId: 0, at: now, kind: 'sign-in refused', message, who, source: address })
  return false
}
