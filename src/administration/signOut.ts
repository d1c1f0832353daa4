import type { Context } from '../context.ts'
import { endAtProvider } from '../directory/openId.ts'
import { ProviderFault } from '../directory/providerFault.ts'
import type { User } from '../rules/users.ts'
import { takeSession } from '../storage/sessions.ts'
import { openIdToken } from './provider/finishOpenIdSignIn.ts'
import { readOpenId } from './provider/readOpenId.ts'

/**
 * Ends the session: its identifier opens nothing from now on, whoever still has it. Gives where the browser signs out at the provider too, where
 * the user came from one that offers it; from there it comes back to `path`.
 */
export async function signOut(context: Context, idHash: Buffer, { origin }: User, path: string): Promise<string | undefined> {
  const token = await takeSession(context.storage.db, idHash)
  const provider = origin === 'openid' && token ? await readOpenId(context) : undefined
  if (!provider) return undefined
  try {
    const idToken = context.secrets.open(token!, openIdToken).toString('utf8')
    return await endAtProvider(provider, idToken, `${provider.settings.address}${path}`)
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error
    // Who wanted to leave has left here, whether the provider answers or not.
    context.log.warn({ step: error.step }, error.message)
    return undefined
  }
}
