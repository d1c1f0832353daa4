import type { Context } from '../../context.ts'
import type { OpenIdProvider } from '../../directory/openId.ts'
import type { ProviderWitness } from '../../directory/providerFault.ts'
import { findOpenId } from '../../storage/openIdSettings.ts'
import { readWay } from '../network/readWay.ts'
import { providerFetch } from './providerFetch.ts'

/** As what the client's secret is sealed. */
export const openIdSecret = 'openid client secret'

/** The provider of OpenID Connect as it is set now, with the way to it; undefined where none is set. */
export async function readOpenId(context: Context, witness?: ProviderWitness): Promise<OpenIdProvider | undefined> {
  const stored = await findOpenId(context.storage.db)
  return (
    stored && {
      settings: stored.settings,
      secret: context.secrets.open(stored.sealedSecret, openIdSecret).toString('utf8'),
      fetch: providerFetch(() => readWay(context), witness),
      ahead: Math.round((context.clock.now().getTime() - Date.now()) / 1000),
    }
  )
}
