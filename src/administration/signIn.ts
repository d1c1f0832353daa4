import type { Context } from '../context.ts'
import { findSecondFactor, insertWaitingSignIn } from '../storage/secondFactors.ts'
import { type Browser, hashSessionId, newSessionId, openSession, type SignedIn } from './openSession.ts'
import { type Claim, recogniseUser } from './recogniseUser.ts'

export type SignInAttempt = Claim & Browser & { next?: string }

/** Who knows the password and still has to give a code; the identifier is for the browser alone, and opens nothing. */
export type Waiting = { waitingId: string }

/**
 * Opens a session for somebody who knows the password or, where they have a second factor, lets them wait for its code without one. Refuses, in one
 * sentence and after the same work, an unknown name, a wrong password, a disabled user and a locked one.
 */
export const signIn = (context: Context, attempt: SignInAttempt): Promise<SignedIn | Waiting> =>
  recogniseUser(context, attempt, async (tx, user, now) => {
    const factor = await findSecondFactor(tx, user.id)
    if (!factor?.confirmedAt) return openSession(tx, user, attempt, now)
    const waitingId = newSessionId()
    await insertWaitingSignIn(tx, { idHash: hashSessionId(waitingId), userId: user.id, next: attempt.next ?? '/', createdAt: now })
    return { waitingId }
  })
