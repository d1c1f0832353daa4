import { createHash, randomBytes } from 'node:crypto'
import { noFailedSignIns } from '../rules/lockout.ts'
import type { User } from '../rules/users.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { deleteSession, insertSession, pruneSessionsOf } from '../storage/sessions.ts'
import { updateUser } from '../storage/users.ts'

/** The browser that a session is opened for. */
export type Browser = {
  address: string
  userAgent: string
  /** The session it brought along, which ends here. */
  formerSession?: Buffer | undefined
}

/** `sessionId` is for the browser alone; `user` is as it was before, so that the last sign-in and the failures since can be told. */
export type SignedIn = { user: User; sessionId: string }

/** What the table keeps of an identifier. */
export const hashSessionId = (id: string): Buffer => createHash('sha256').update(id).digest()

/** An identifier that nobody guesses, for a browser to hold. */
export const newSessionId = (): string => randomBytes(32).toString('base64url')

/** What is told of how somebody got in: `by` what beside a password, and the sealed token with which a sign-out at a provider begins. */
export type Entrance = { by?: string; providerToken?: Buffer }

/** Opens a session for somebody who was recognised, in the transaction that holds the user's row. "New id at sign-in." */
export async function openSession(
  tx: Db,
  user: User,
  browser: Browser,
  now: Date,
  { by, providerToken }: Entrance = {},
): Promise<SignedIn> {
  const sessionId = newSessionId()
  await updateUser(tx, user.id, { ...noFailedSignIns, failuresSinceSignIn: 0, lastSignInAt: now })
  if (browser.formerSession) await deleteSession(tx, browser.formerSession)
  await pruneSessionsOf(tx, user.id, (await findSecuritySettings(tx)).sessions.most - 1)
  await insertSession(tx, {
    idHash: hashSessionId(sessionId),
    userId: user.id,
    csrfToken: randomBytes(32).toString('base64url'),
    createdAt: now,
    seenAt: now,
    address: browser.address,
    userAgent: browser.userAgent.slice(0, 200),
    providerToken,
  })
  await recordEvent(tx, {
    localAccountId: 0,
    at: now,
    kind: 'signed in',
    message: `${user.username} signed in${by ? ` ${by}` : ''}.`,
    who: user.username,
    source: browser.address,
  })
  return { user, sessionId }
}
