import { signInWithCode } from '../administration/secondFactor/signInWithCode.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, show } from './render.ts'
import { giveSession, noteWaiting, waitingIn } from './session.ts'
import { browserOf } from './signIn.ts'
import { signInNotice } from './signInNotice.ts'
import { field, type Visitor } from './visit.ts'

const view = { page: 'public/code.njk', fragment: 'public/code.njk' }

/** The form for a code, after the password. */
export function codePage(visitor: Visitor): void {
  if (visitor.signedIn || waitingIn(visitor.request) === undefined) goTo(visitor, paths.signIn)
  else show(visitor, view)
}

/** The second half of a sign-in: a new session, or the form again. */
export const codeSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    view,
    () => ({}),
    async () => {
      const { context, request, response } = visitor
      const attempt = { ...browserOf(visitor), id: waitingIn(request), code: field(visitor, 'code') }
      const { user, sessionId, next } = await signInWithCode(context, attempt)
      await signInNotice(context, sessionId, user)
      noteWaiting(response, null)
      giveSession(response, sessionId)
      goTo(visitor, user.mustChangePassword ? paths.password : pathOrHome(next))
    },
  )
