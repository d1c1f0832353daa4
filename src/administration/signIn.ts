import { createHash, randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { noFailedSignIns } from '../rules/lockout.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { deleteSession, insertSession, pruneSessionsOf } from '../storage/sessions.ts'
import { updateUser } from '../storage/users.ts'
import { type Claim, recogniseUser } from './recogniseUser.ts'

export type SignInAttempt = Claim & {
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
 * a disabled user and a locked one.
 */
export const signIn = (context: Context, attempt: SignInAttempt): Promise<SignedIn> =>
  recogniseUser(context, attempt, (tx, user, now) => openSession(tx, user, attempt, now))

async function openSession(tx: Db, user: User, attempt: SignInAttempt, now: Date): Promise<SignedIn> {
  const sessionId = randomBytes(32).toString('base64url')
  await updateUser(tx, user.id, { ...noFailedSignIns, failuresSinceSignIn: 0, lastSignInAt: now })
  if (attempt.formerSession) await deleteSession(tx, attempt.formerSession)
  await pruneSessionsOf(tx, user.id, (await findSecuritySettings(tx)).sessions.most - 1)
  await insertSession(tx, {
    idHash: hashSessionId(sessionId),
    userId: user.id,
    csrfToken: randomBytes(32).toString('base64url'),
    createdAt: now,
    seenAt: now,
    address: attempt.address,
    userAgent: attempt.userAgent.slice(0, 200),
  })
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
