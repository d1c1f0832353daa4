import { signIn } from '../administration/signIn.ts'
import { signOut } from '../administration/signOut.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, show } from './render.ts'
import { giveSession, sessionHashOf, takeSession } from './session.ts'
import { signInNotice } from './signInNotice.ts'
import { field, queried, type Visit, type Visitor } from './visit.ts'

const view = { page: 'public/signIn.njk', fragment: 'public/signIn.njk' }

const model = async ({ context }: Visitor, next: string) => ({ next, banner: (await findSecuritySettings(context.storage.pages)).banner })

/** The form; who is signed in already goes on to where they wanted. */
export async function signInPage(visitor: Visitor): Promise<void> {
  const next = pathOrHome(queried(visitor, 'next'))
  if (visitor.signedIn) goTo(visitor, next)
  else show(visitor, view, await model(visitor, next))
}

/** A sign-in: a new session under a new identifier, whatever the browser brought along. */
export const signInSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    view,
    () => model(visitor, pathOrHome(field(visitor, 'next'))),
    async () => {
      const { context, request, response } = visitor
      const { banner } = await findSecuritySettings(context.storage.db)
      refuseUnless(
        !banner.consent || field(visitor, 'consent') === 'on',
        'INVALID',
        'Say that you agree to the text above, or leave.',
        'consent',
      )
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
