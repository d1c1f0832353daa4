import type { Context } from '../context.ts'
import { hashPassword, passwordMatches } from '../directory/localPasswords.ts'
import { hour, later } from '../rules/clock.ts'
import { isLockedOut, lockoutWords } from '../rules/lockout.ts'
import { checkPassword, checkRepeated } from '../rules/passwords.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { SecuritySettings } from '../rules/security.ts'
import type { User } from '../rules/users.ts'
import { recordEvent } from '../storage/events.ts'
import { listFormerPasswords, rememberPassword } from '../storage/formerPasswords.ts'
import { deleteResetCode } from '../storage/resetCodes.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findCredentials, updateUser } from '../storage/users.ts'
import { countFailure } from './recogniseUser.ts'

export type PasswordChange = { former: string; password: string; repeated: string }

/**
 * Somebody who is signed in changes their own password; every other session of theirs ends, and a code for a new password is good for nothing. Refuses when the former one is not right (which
 * counts like a failed sign-in, so that an unattended browser is no place to guess), and a new one that breaks the rules: "5 remembered, …, 24 hours
 * at least" among them, in the strict settings. One that somebody else made may be changed at once.
 */
export async function changePassword(context: Context, user: User, session: Buffer, change: PasswordChange): Promise<void> {
  refuseUnless(user.origin === 'local', 'CONFLICT', 'Your password is not kept here: change it where you come from.')
  const { passwords, lockout } = await findSecuritySettings(context.storage.db)
  const stored = await findCredentials(context.storage.db, user.username)
  const locked = stored !== undefined && isLockedOut(stored.user, context.clock.now())
  if (!(await passwordMatches(stored?.passwordHash, change.former)) || locked) {
    await context.storage.transaction(async tx => {
      const current = await findCredentials(tx, user.username, true)
      const now = context.clock.now()
      if (current && !isLockedOut(current.user, now)) await countFailure(tx, current.user, now)
    })
    throw new Refusal('INVALID', `This is not your present password. ${lockoutWords(lockout)}`, 'former')
  }
  checkPassword(change.password, user.username, change.former, passwords)
  checkRepeated(change.password, change.repeated)
  await checkLife(context, user, change.password, passwords)
  const passwordHash = await hashPassword(change.password)
  await context.storage.transaction(async tx => {
    const now = context.clock.now()
    await rememberPassword(tx, user.id, now, passwords.remembered)
    await updateUser(tx, user.id, { passwordHash, passwordChangedAt: now, mustChangePassword: false })
    await deleteSessionsOf(tx, user.id, session)
    await deleteResetCode(tx, user.id)
    const message = `${user.username} changed the password.`
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message, who: user.username })
  })
}

async function checkLife({ storage, clock }: Context, user: User, password: string, rule: SecuritySettings['passwords']): Promise<void> {
  const soonest = later(user.passwordChangedAt, rule.shortest)
  const hours = Math.ceil((soonest.getTime() - clock.now().getTime()) / hour)
  refuseUnless(
    user.mustChangePassword || hours <= 0,
    'INVALID',
    `Your password was changed a short time ago. Change it again in ${hours} ${hours === 1 ? 'hour' : 'hours'}.`,
    'password',
  )
  for (const former of await listFormerPasswords(storage.db, user.id, rule.remembered))
    refuseUnless(!(await passwordMatches(former, password)), 'INVALID', 'You had this password before. Choose another one.', 'password')
}
