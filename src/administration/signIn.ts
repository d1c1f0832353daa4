import type { Context } from '../context.ts'
import { type Browser, openSession, type SignedIn } from './openSession.ts'
import { type Claim, recogniseUser } from './recogniseUser.ts'

export type SignInAttempt = Claim & Browser

/**
 * Opens a session for somebody who knows the password. Refuses, in one sentence and after the same work, an unknown name, a wrong password,
 * a disabled user and a locked one.
 */
export const signIn = (context: Context, attempt: SignInAttempt): Promise<SignedIn> =>
  recogniseUser(context, attempt, (tx, user, now) => openSession(tx, user, attempt, now))
