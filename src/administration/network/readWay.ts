import type { Way } from '../../cloud/way.ts'
import type { Context } from '../../context.ts'
import { findProxy } from '../../storage/proxySetting.ts'
import { listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'

/** As what the proxy's password is sealed. */
export const proxyPassword = 'proxy password'

/** The way to the cloud as it is set now: the proxy with its password, and the trust store. */
export async function readWay({ storage, secrets }: Pick<Context, 'storage' | 'secrets'>): Promise<Way> {
  const [stored, authorities] = await Promise.all([findProxy(storage.db), listTrustedAuthorities(storage.db)])
  const password = stored?.password ? secrets.open(stored.password, proxyPassword).toString('utf8') : null
  return { proxy: stored ? { ...stored.proxy, password } : null, authorities: authorities.map(({ certificate }) => certificate) }
}
