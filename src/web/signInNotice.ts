import { hashSessionId } from '../administration/openSession.ts'
import type { Context } from '../context.ts'
import type { User } from '../rules/users.ts'
import { updateSession } from '../storage/sessions.ts'

const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

/** "last sign-in and failures shown": on the first page after a sign-in, so that somebody notices who used their name. */
export async function signInNotice(context: Context, sessionId: string, user: User): Promise<void> {
  const { failuresSinceSignIn: failures, lastSignInAt } = user
  const last = lastSignInAt ? `Your last sign-in was on ${when.format(lastSignInAt)} UTC.` : 'This is your first sign-in.'
  const since = failures === 0 ? 'No sign-in has failed since.' : `${failures} failed since. If that was not you, tell an administrator.`
  await updateSession(context.storage.db, hashSessionId(sessionId), {
    notice: { tone: failures === 0 ? 'info' : 'warning', words: last, ...(lastSignInAt || failures ? { more: since } : {}) },
  })
}
