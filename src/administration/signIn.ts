import { createHash, randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { passwordMatches } from '../directory/localPasswords.ts'
import { afterFailedSignIn, isLockedOut, noFailedSignIns } from '../rules/lockout.ts'
import { Refusal } from '../rules/refusal.ts'
import { sessionsPerUser } from '../rules/sessions.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { deleteSession, insertSession, pruneSessionsOf } from '../storage/sessions.ts'
import { findCredentials, updateUser } from '../storage/users.ts'

export type SignInAttempt = {
  username: string
  password: string
  address: string
  userAgent: string
  /** The session the browser brought along, which ends here. */
  formerSession?: Buffer | undefined
}

/** `sessionId` is for the browser alone; `user` is as it was before, so that the last sign-in and the failures since can be told. */
export type SignedIn = { user: User; sessionId: string }

/** What the table keeps of an identifier. */
export const hashSessionId = (id: string): Buffer => createHash('sha256').update(id).digest()

/**
 * Opens a session for somebody who knows the password. Refuses, in one sentence and after the same work, an unknown name, a wrong password,
 * a disabled user and a locked one. The password is compared before the row is locked, and what came of it is believed only if the user is
 * not locked out by then: of many guesses at once no more than three are answered.
 */
export async function signIn(context: Context, attempt: SignInAttempt): Promise<SignedIn> {
  const found = await findCredentials(context.storage.db, attempt.username)
  const matches = await passwordMatches(found?.passwordHash, attempt.password)
  const signedIn = await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const current = found && (await findCredentials(tx, found.user.username, true))
    const knows = matches && current?.passwordHash === found?.passwordHash
    if (!current || !knows || current.user.disabledAt || isLockedOut(current.user, now)) {
      await recordFailure(tx, attempt, current?.user, now)
      return undefined
    }
    return openSession(tx, current.user, attempt, now)
  })
  if (signedIn) return signedIn
  throw new Refusal(
    'NOT_SIGNED_IN',
    'The user name or the password is not right. After three failures a user is locked for 15 minutes.',
    'username',
  )
}

async function recordFailure(tx: Db, { username, address }: SignInAttempt, user: User | undefined, now: Date): Promise<void> {
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

async function openSession(tx: Db, user: User, attempt: SignInAttempt, now: Date): Promise<SignedIn> {
  const sessionId = randomBytes(32).toString('base64url')
  await updateUser(tx, user.id, { ...noFailedSignIns, failuresSinceSignIn: 0, lastSignInAt: now })
  if (attempt.formerSession) await deleteSession(tx, attempt.formerSession)
  await insertSession(tx, {
    idHash: hashSessionId(sessionId),
    userId: user.id,
    csrfToken: randomBytes(32).toString('base64url'),
    createdAt: now,
    seenAt: now,
    address: attempt.address,
    userAgent: attempt.userAgent.slice(0, 200),
  })
  await pruneSessionsOf(tx, user.id, sessionsPerUser)
  await recordEvent(tx, {
    localAccountId: 0,
    at: now,
    kind: 'signed in',
    message: `${user.username} signed in.`,
    who: user.username,
    source: attempt.address,
  })
  return { user, sessionId }
}
