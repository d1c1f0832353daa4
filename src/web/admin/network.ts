import { z } from 'zod'
import { distrustAuthority } from '../../administration/network/distrustAuthority.ts'
import { setProxy } from '../../administration/network/setProxy.ts'
import { trustAuthorities } from '../../administration/network/trustAuthorities.ts'
import { later } from '../../rules/clock.ts'
import { proxyAddress } from '../../rules/proxy.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { authorityWarning } from '../../rules/trustStore.ts'
import { findProxy } from '../../storage/proxySetting.ts'
import { listTrustedAuthorities, type TrustedAuthority } from '../../storage/trustedAuthorities.ts'
import { tryConnection } from '../../synchronization/tryConnection.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { parameter, type Visit } from '../visit.ts'

const view = { page: 'admin/network/index.njk', fragment: 'admin/network/_network.njk' }
const removalView = { page: 'admin/network/removal.njk', fragment: 'admin/network/_removal.njk' }

/** The way to the cloud as it is set: address, proxy, trust store. */
async function model({ context, now }: Visit) {
  const { pages } = context.storage
  const [stored, authorities] = await Promise.all([findProxy(pages), listTrustedAuthorities(pages)])
  const proxy = stored && { ...stored.proxy, address: proxyAddress(stored.proxy), hasPassword: stored.password !== null }
  return { cloudUrl: context.config.cloudUrl, proxy, authorities: authorities.map(each => ({ ...each, standing: standingOf(each, now) })) }
}

function standingOf({ notAfter }: TrustedAuthority, now: Date): 'expired' | 'ending' | 'good' {
  if (notAfter <= now) return 'expired'
  return notAfter <= later(now, authorityWarning) ? 'ending' : 'good'
}

/** Network: the connection to the cloud with its test, the proxy, the trust store. */
export const networkPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

/** "*Test connection*": the steps on the same page, the failed one with what to do. It changes nothing. */
export async function connectionTestSubmitted(visit: Visit): Promise<void> {
  const trial = await tryConnection(visit.context)
  show(visit, view, { ...(await model(visit)), trial })
}

const proxyForm = z.object({
  address: z.string(),
  user: z.string().max(255, 'Keep the user within 255 characters.').default(''),
  password: z.string().max(1000, 'Keep the password within 1,000 characters.').default(''),
  without: z.string().default(''),
})

/** A proxy, which counts from the next connection on. */
export const proxySubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { without, ...wish } = readForm(visit, proxyForm)
      await setProxy(visit.context, visit.person, { ...wish, without: without.split(/[\s,]+/) })
      await say(visit, { tone: 'success', words: 'The proxy is set. Test the connection to see whether it leads to the cloud.' })
      goTo(visit, paths.admin.network)
    },
  )

/** No proxy any more. */
export const proxyRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.network, async () => {
    await setProxy(visit.context, visit.person, null)
    await say(visit, { tone: 'success', words: 'The server now goes to the cloud without a proxy.' })
    goTo(visit, paths.admin.network)
  })

/** Authorities for the trust store, pasted as PEM. */
export const authoritiesSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { certificates } = readForm(visit, z.object({ certificates: z.string().default('') }))
      const { added, known } = await trustAuthorities(visit.context, visit.person, certificates)
      const words = `${added === 1 ? 'One authority was' : `${added} authorities were`} taken into the trust store${known > 0 ? `; ${known} had been there before` : ''}.`
      await say(visit, { tone: added > 0 ? 'success' : 'info', words })
      goTo(visit, paths.admin.network)
    },
  )

/** What taking an authority away does, and the question whether to. */
export async function authorityRemovalPage(visit: Visit): Promise<void> {
  const authorities = await listTrustedAuthorities(visit.context.storage.pages)
  const authority = authorities.find(({ fingerprint }) => fingerprint === parameter(visit, 'fingerprint'))
  refuseUnless(authority, 'NOT_FOUND', 'There is no such authority in the trust store.')
  show(visit, removalView, { authority })
}

/** An authority is not believed any more. */
export const authorityRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.network, async () => {
    const name = await distrustAuthority(visit.context, visit.person, parameter(visit, 'fingerprint'))
    await say(visit, { tone: 'success', words: `${name} was taken out of the trust store.` })
    goTo(visit, paths.admin.network)
  })
