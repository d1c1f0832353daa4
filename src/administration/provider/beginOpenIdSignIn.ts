import type { Context } from '../../context.ts'
import { beginAtProvider } from '../../directory/openId.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { keepExpected } from './keepExpected.ts'
import { orUnreachable } from './orUnreachable.ts'
import { readOpenId } from './readOpenId.ts'

/** As what is sealed what a sign-in must come back with. */
export const openIdSignIn = 'openid sign-in'

/** A sign-in that has begun: where the browser goes, and what it holds meanwhile. */
export type BegunSignIn = { url: string; id: string }

/** Begins a sign-in at the provider of OpenID Connect; afterwards the browser goes to `next`. Refuses where none is set, or it does not answer. */
export async function beginOpenIdSignIn(context: Context, next: string): Promise<BegunSignIn> {
  const provider = await readOpenId(context)
  refuseUnless(provider, 'INVALID', 'There is no provider to sign in at.')
  const { url, expected } = await orUnreachable(context, provider.settings.name, () => beginAtProvider(provider))
  return { url, id: await keepExpected(context, expected, openIdSignIn, next) }
}
