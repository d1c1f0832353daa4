import { beginOpenIdSignIn } from '../administration/provider/beginOpenIdSignIn.ts'
import { finishOpenIdSignIn } from '../administration/provider/finishOpenIdSignIn.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { sendOn } from './render.ts'
import { giveSession, noteAway, takeAway } from './session.ts'
import { browserOf, refuseWithoutConsent, signInModel, signInView } from './signIn.ts'
import { signInNotice } from './signInNotice.ts'
import { field, type Visitor } from './visit.ts'

/** A sign-in at the provider of OpenID Connect begins; the browser is sent there. */
export const openIdSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    signInView,
    () => signInModel(visitor, pathOrHome(field(visitor, 'next'))),
    async () => {
      await refuseWithoutConsent(visitor)
      const { url, id } = await beginOpenIdSignIn(visitor.context, pathOrHome(field(visitor, 'next')))
      noteAway(visitor.response, id)
      sendOn(visitor, url, { title: 'One moment', words: 'You go on to your provider to sign in.' })
    },
  )

/** A browser comes back from the provider: a new session, whatever it brought along, or the sign-in page with what went wrong. */
export const openIdReturned = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    signInView,
    () => signInModel(visitor, paths.home),
    async () => {
      const { context, request, response } = visitor
      const query = new URL(request.originalUrl, 'https://here.invalid').search.slice(1)
      const { user, sessionId, next } = await finishOpenIdSignIn(context, { ...browserOf(visitor), id: takeAway(visitor), query })
      await signInNotice(context, sessionId, user)
      giveSession(response, sessionId)
      sendOn(visitor, pathOrHome(next), { title: 'Signed in', words: `You are signed in as ${user.username}.` })
    },
  )
