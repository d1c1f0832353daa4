import { signIn } from '../administration/signIn.ts'
import { signOut } from '../administration/signOut.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findOpenId } from '../storage/openIdSettings.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, sendOn, show } from './render.ts'
import { giveSession, noteWaiting, sessionHashOf, takeSession } from './session.ts'
import { signInNotice } from './signInNotice.ts'
import { field, queried, type Visit, type Visitor } from './visit.ts'

export const signInView = { page: 'public/signIn.njk', fragment: 'public/signIn.njk' }

/** The form, with the banner that is set, and a button for each provider. */
export async function signInModel({ context }: Visitor, next: string) {
  const { pages } = context.storage
  const [{ banner }, openId] = await Promise.all([findSecuritySettings(pages), findOpenId(pages)])
  return { next, banner, providers: openId ? [{ name: openId.settings.name, path: paths.openId }] : [] }
}

/** Nobody gets in, whichever way, who does not agree to the banner that asks for it. */
export async function refuseWithoutConsent(visitor: Visitor): Promise<void> {
  const { banner } = await findSecuritySettings(visitor.context.storage.db)
  const agrees = !banner.consent || field(visitor, 'consent') === 'on'
  refuseUnless(agrees, 'INVALID', 'Say that you agree to the text above, or leave.', 'consent')
}

/** Where the browser is, for the session that it is given. */
export const browserOf = ({ request }: Visitor) => ({
  address: request.socket.remoteAddress ?? '',
  userAgent: request.get('User-Agent') ?? '',
  formerSession: sessionHashOf(request),
})

/** The form; who is signed in already goes on to where they wanted. */
export async function signInPage(visitor: Visitor): Promise<void> {
  const next = pathOrHome(queried(visitor, 'next'))
  if (visitor.signedIn) goTo(visitor, next)
  else show(visitor, signInView, await signInModel(visitor, next))
}

/** A sign-in: a new session under a new identifier, whatever the browser brought along. */
export const signInSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    signInView,
    () => signInModel(visitor, pathOrHome(field(visitor, 'next'))),
    async () => {
      const { context, response } = visitor
      await refuseWithoutConsent(visitor)
      const signedIn = await signIn(context, {
        next: pathOrHome(field(visitor, 'next')),
        username: field(visitor, 'username'),
        password: field(visitor, 'password'),
        ...browserOf(visitor),
      })
      if ('waitingId' in signedIn) {
        noteWaiting(response, signedIn.waitingId)
        return goTo(visitor, paths.code)
      }
      const { user, sessionId } = signedIn
      await signInNotice(context, sessionId, user)
      giveSession(response, sessionId)
      goTo(visitor, user.mustChangePassword ? paths.password : pathOrHome(field(visitor, 'next')))
    },
  )

/** A sign-out: the session is gone from the database, not only from the browser. */
export async function signOutSubmitted(visit: Visit): Promise<void> {
  const elsewhere = await signOut(visit.context, visit.session.idHash, visit.user, paths.signIn)
  takeSession(visit.response)
  visit.response.set('Clear-Site-Data', '"cookies", "storage"')
  if (elsewhere)
    sendOn({ ...visit, signedIn: undefined }, elsewhere, {
      title: 'Signed out',
      words: 'You are signed out here, and go on to sign out at your provider.',
    })
  else goTo(visit, paths.signIn)
}
