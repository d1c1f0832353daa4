import { z } from 'zod'
import { setOpenId } from '../../administration/provider/setOpenId.ts'
import { tryOpenId } from '../../administration/provider/tryOpenId.ts'
import { returnAddress } from '../../rules/openId.ts'
import { findOpenId } from '../../storage/openIdSettings.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import type { Visit } from '../visit.ts'

const view = { page: 'admin/access/openId.njk', fragment: 'admin/access/openId.njk' }
const removalView = { page: 'admin/access/openIdRemoval.njk', fragment: 'admin/access/_openIdRemoval.njk' }

/** What most providers call things. */
const beginning = {
  scope: 'openid profile email',
  usernameClaim: 'preferred_username',
  nameClaim: 'name',
  emailClaim: 'email',
  groupsClaim: 'groups',
}

async function model({ context, request }: Visit) {
  const stored = await findOpenId(context.storage.db)
  const address = stored?.settings.address ?? `https://${request.get('Host') ?? ''}`
  const provider = stored?.settings ?? { ...beginning, address }
  return { stored: stored !== undefined, provider, returnAddress: returnAddress({ address }) }
}

/** Access management › OpenID Connect: at which provider people may sign in, and a trial of it. */
export const openIdPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

const text = z.string().trim().default('')
const form = z.object({
  name: text,
  issuer: text,
  clientId: text,
  secret: z.string().max(1000, 'Keep the secret within 1,000 characters.').default(''),
  address: text,
  scope: text,
  usernameClaim: text,
  nameClaim: text,
  emailClaim: text,
  groupsClaim: text,
})

/** A provider, which counts from the next sign-in on. An empty secret keeps the present one. */
export const openIdSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { secret, ...settings } = readForm(visit, form)
      await setOpenId(visit.context, visit.person, { settings, secret })
      await say(visit, { tone: 'success', words: 'The provider is set. Test the connection, then give its groups roles.' })
      goTo(visit, paths.admin.openId)
    },
  )

/** "*Test connection*": the provider, step by step, on the same page. It changes nothing. */
export const openIdTestSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.openId, async () => {
    const trial = await tryOpenId(visit.context)
    show(visit, view, { ...(await model(visit)), trial })
  })

/** What going without a provider does, and the question whether to. */
export const openIdRemovalPage = (visit: Visit): void => show(visit, removalView, {})

/** Nobody signs in at a provider of OpenID Connect any more. */
export const openIdRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.openId, async () => {
    await setOpenId(visit.context, visit.person, null)
    await say(visit, { tone: 'success', words: 'Nobody signs in with OpenID Connect any more, and nobody who did is signed in.' })
    goTo(visit, paths.admin.openId)
  })
