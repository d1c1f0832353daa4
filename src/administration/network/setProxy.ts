import type { Context } from '../../context.ts'
import { checkProxyPassword, checkProxyUser, type ProxySetting, proxyAddress, readProxyAddress, readWithout } from '../../rules/proxy.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { findProxy, putProxy, type StoredProxy } from '../../storage/proxySetting.ts'
import { proxyPassword } from './readWay.ts'

/** A proxy as somebody wants it. Without a password the one that is kept stays, as long as it is for the same user of the same proxy. */
export type ProxyWish = { address: string; user?: string | undefined; password?: string | undefined; without?: string[] | undefined }

/**
 * Sets the proxy on the way to the cloud, or with null none. It counts from the next connection on. Refuses an address that does not name http://
 * or https://, host and port, and a new user or a new place without a password: what was told one proxy is not shown to another.
 */
export async function setProxy(context: Context, who: Person, wish: ProxyWish | null): Promise<void> {
  const proxy = wish && readWish(wish)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const stored = proxy && { proxy, password: await passwordFor(context, tx, proxy, wish?.password) }
    await putProxy(tx, stored, { at, who: who.name })
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message: inWords(proxy), who: who.name })
  })
}

const readWish = ({ address, user = '', without = [] }: ProxyWish): ProxySetting => ({
  ...readProxyAddress(address),
  user: checkProxyUser(user.trim()) || null,
  without: readWithout(without),
})

async function passwordFor(context: Context, tx: Db, proxy: ProxySetting, given = ''): Promise<Buffer | null> {
  if (proxy.user === null) {
    refuseUnless(given === '', 'INVALID', 'A password needs a user: name both, or neither.', 'user')
    return null
  }
  if (given !== '') return context.secrets.seal(checkProxyPassword(given), proxyPassword)
  const kept = await findProxy(tx)
  refuseUnless(kept?.password && isSame(kept, proxy), 'INVALID', `Give the password of ${proxy.user} for this proxy.`, 'password')
  return kept.password
}

const isSame = ({ proxy: kept }: StoredProxy, proxy: ProxySetting) => kept.user === proxy.user && proxyAddress(kept) === proxyAddress(proxy)

function inWords(proxy: ProxySetting | null): string {
  if (!proxy) return 'The server now goes to the cloud without a proxy.'
  const { user, without } = proxy
  const except = without.length > 0 ? `; not to ${without.join(', ')}` : ''
  return `The server now goes to the cloud through the proxy ${proxyAddress(proxy)}${user === null ? '' : ` as ${user}`}${except}.`
}
