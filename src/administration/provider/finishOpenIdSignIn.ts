import type { Context } from '../../context.ts'
import { type Expected, finishAtProvider } from '../../directory/openId.ts'
import { personFromClaims } from '../../rules/openId.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { takeProviderSignIn } from '../../storage/providerSignIns.ts'
import { type Browser, hashSessionId } from '../openSession.ts'
import { openIdSignIn } from './beginOpenIdSignIn.ts'
import { readOpenId } from './readOpenId.ts'
import { type WelcomedFromProvider, welcome, withTrace } from './welcome.ts'

/** As what the token is sealed with which a sign-out at the provider begins. */
export const openIdToken = 'openid token'

/** A browser that comes back from the provider: what it holds, and what it was given for us. */
export type ReturnedBrowser = Browser & { id: string | undefined; query: string }

/**
 * Opens a session for somebody for whom the provider of OpenID Connect vouches, with the roles of their groups. Each sign-in comes back once, in the
 * browser that began it. Refuses whoever is not believed, in one sentence; the reason is in the trail.
 */
export async function finishOpenIdSignIn(context: Context, browser: ReturnedBrowser): Promise<WelcomedFromProvider> {
  const now = context.clock.now()
  const begun = browser.id && (await takeProviderSignIn(context.storage.db, hashSessionId(browser.id), now))
  refuseUnless(begun, 'NOT_SIGNED_IN', elsewhere)
  const provider = await readOpenId(context)
  refuseUnless(provider, 'NOT_SIGNED_IN', 'There is no provider to sign in at any more.')
  const { name } = provider.settings
  return withTrace(context, browser, name, async () => {
    const expected = JSON.parse(context.secrets.open(begun.secrets, openIdSignIn).toString('utf8')) as Expected
    const { claims, idToken } = await finishAtProvider(provider, browser.query, expected)
    const vouched = { origin: 'openid' as const, ...personFromClaims(provider.settings, claims) }
    const providerToken = context.secrets.seal(idToken, openIdToken)
    return { ...(await welcome(context, vouched, browser, { by: `with ${name}`, providerToken })), next: begun.next }
  })
}

const elsewhere = 'This sign-in was not begun in this browser, or too long ago, or it was used already. Begin again here.'
