import { signIn } from '../administration/signIn.ts'
import { signOut } from '../administration/signOut.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, show } from './render.ts'
import { giveSession, sessionHashOf, takeSession } from './session.ts'
import { signInNotice } from './signInNotice.ts'
import { field, queried, type Visit, type Visitor } from './visit.ts'

const view = { page: 'public/signIn.njk', fragment: 'public/signIn.njk' }

/** The form; who is signed in already goes on to where they wanted. */
export function signInPage(visitor: Visitor): void {
  const next = pathOrHome(queried(visitor, 'next'))
  if (visitor.signedIn) goTo(visitor, next)
  else show(visitor, view, { next })
}

/** A sign-in: a new session under a new identifier, whatever the browser brought along. */
export const signInSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    view,
    () => ({ next: pathOrHome(field(visitor, 'next')) }),
    async () => {
      const { context, request, response } = visitor
      const { user, sessionId } = await signIn(context, {
        username: field(visitor, 'username'),
        password: field(visitor, 'password'),
        address: request.socket.remoteAddress ?? '',
        userAgent: request.get('User-Agent') ?? '',
        formerSession: sessionHashOf(request),
      })
      await signInNotice(context, sessionId, user)
      giveSession(response, sessionId)
      goTo(visitor, user.mustChangePassword ? paths.password : pathOrHome(field(visitor, 'next')))
    },
  )

/** A sign-out: the session is gone from the database, not only from the browser. */
export async function signOutSubmitted(visit: Visit): Promise<void> {
  await signOut(visit.context, visit.session.idHash)
  takeSession(visit.response)
  visit.response.set('Clear-Site-Data', '"cookies", "storage"')
  goTo(visit, paths.signIn)
}
