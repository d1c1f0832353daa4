import type { Context } from '../context.ts'
import { passwordMatches } from '../directory/localPasswords.ts'
import { afterFailedSignIn, isLockedOut } from '../rules/lockout.ts'
import { Refusal } from '../rules/refusal.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { findCredentials, updateUser } from '../storage/users.ts'

/** Somebody who says who they are, and from where. */
export type Claim = { username: string; password: string; address: string }

/**
 * Does `welcome` for somebody who knows the password, in the transaction that holds the user's row. Refuses, in one sentence and after the
 * same work, an unknown name, a wrong password, a disabled user and a locked one. The password is compared before the row is locked, and what
 * came of it is believed only if the user is not locked out by then: of many guesses at once no more than three are answered.
 */
export async function recogniseUser<T extends object>(
  context: Context,
  claim: Claim,
  welcome: (tx: Db, user: User, now: Date) => Promise<T>,
): Promise<T> {
  const found = await findCredentials(context.storage.db, claim.username)
  const matches = await passwordMatches(found?.passwordHash, claim.password)
  const welcomed = await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const current = found && (await findCredentials(tx, found.user.username, true))
    const knows = matches && current?.passwordHash === found?.passwordHash
    if (!current || !knows || current.user.disabledAt || isLockedOut(current.user, now)) {
      await recordFailure(tx, claim, current?.user, now)
      return undefined
    }
    return welcome(tx, current.user, now)
  })
  if (welcomed) return welcomed
  throw new Refusal(
    'NOT_SIGNED_IN',
    'The user name or the password is not right. After three failures a user is locked for 15 minutes.',
    'username',
  )
}

async function recordFailure(tx: Db, { username, address }: Claim, user: User | undefined, now: Date): Promise<void> {
  const isLocked = user !== undefined && isLockedOut(user, now)
  if (user && !isLocked && !user.disabledAt) await updateUser(tx, user.id, afterFailedSignIn(user, now))
  if (user) await updateUser(tx, user.id, { failuresSinceSignIn: user.failuresSinceSignIn + 1 })
  await recordEvent(tx, {
    localAccountId: 0,
    at: now,
    kind: 'sign-in refused',
    message: isLocked ? 'A sign-in was refused: the user is locked.' : 'A sign-in was refused.',
    who: user?.username ?? username.slice(0, 64),
    source: address,
  })
}
