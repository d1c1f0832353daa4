import type { Context } from '../../context.ts'
import { isLockedOut, lockoutWords } from '../../rules/lockout.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { User } from '../../rules/users.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { countRecoveryCodes, deleteWaitingSignIn, findSecondFactor, findWaitingSignIn } from '../../storage/secondFactors.ts'
import { findSecuritySettings } from '../../storage/securitySettings.ts'
import { findCredentials, updateUser } from '../../storage/users.ts'
import { type Browser, hashSessionId, openSession, type SignedIn } from '../openSession.ts'
import { countFailure } from '../recogniseUser.ts'
import { takeCode, takeRecovery } from './codes.ts'

/** The second half of a sign-in: the browser that gave the password, and a code. */
export type CodeAttempt = Browser & { id: string | undefined; code: string }

/**
 * Opens the session of somebody who gave the password before, by a code of the authenticator or a recovery code. A wrong one counts like a wrong
 * password; who is locked by it begins anew. Refuses a browser that did not give the password within five minutes.
 */
export async function signInWithCode(context: Context, attempt: CodeAttempt): Promise<SignedIn & { next: string }> {
  const now = context.clock.now()
  const idHash = hashSessionId(attempt.id ?? '')
  const waiting = await findWaitingSignIn(context.storage.db, idHash, now)
  refuseUnless(waiting, 'NOT_SIGNED_IN', beginAgain)
  const welcomed = await context.storage.transaction(async tx => {
    const user = (await findCredentials(tx, waiting.username, true))?.user
    // Of several answers at once one is taken.
    const isOpen = user && !user.disabledAt && !isLockedOut(user, now) && (await findWaitingSignIn(tx, idHash, now))
    const by = isOpen && (await codeTaken(context, tx, user, attempt.code))
    if (by) {
      await deleteWaitingSignIn(tx, idHash)
      return openSession(tx, user, attempt, now, { by })
    }
    if (user) await recordFailure(tx, user, attempt, now)
    return undefined
  })
  if (welcomed) return { ...welcomed, next: waiting.next }
  const { lockout } = await findSecuritySettings(context.storage.db)
  throw new Refusal('INVALID', `This code is not right, or was used already. ${lockoutWords(lockout)}`, 'code')
}

const beginAgain = 'The password was given too long ago, or in another browser. Sign in anew.'

async function codeTaken(context: Context, tx: Db, user: User, code: string): Promise<string | undefined> {
  const factor = await findSecondFactor(tx, user.id)
  if (!factor?.confirmedAt) return undefined
  if (await takeCode(context, tx, user.id, factor, code)) return 'with a second factor'
  if (!(await takeRecovery(context, tx, user.id, code))) return undefined
  return `with a recovery code, of which ${await countRecoveryCodes(tx, user.id)} are left`
}

async function recordFailure(tx: Db, user: User, { address }: CodeAttempt, now: Date): Promise<void> {
  if (!isLockedOut(user, now) && !user.disabledAt) await countFailure(tx, user, now)
  await updateUser(tx, user.id, { failuresSinceSignIn: user.failuresSinceSignIn + 1 })
  const message = 'A sign-in was refused: the code of the second factor was not right.'
  await recordEvent(tx, { localAccountId: 0, at: now, kind: 'sign-in refused', message, who: user.username, source: address })
}
