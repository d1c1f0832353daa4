import { z } from 'zod'
import { createApiClient } from '../../administration/createApiClient.ts'
import { revokeApiClient } from '../../administration/revokeApiClient.ts'
import { turnSwitch } from '../../administration/turnSwitch.ts'
import { apiScopes, clientInForce, isApiScope } from '../../rules/apiClients.ts'
import { day, later } from '../../rules/clock.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { findLocalAccountByNameOrUuid, listLocalAccounts } from '../../storage/localAccounts.ts'
import { findListedApiClient, type ListedApiClient, listApiClients } from '../../storage/pages/apiClientRows.ts'
import { isOn } from '../../storage/switches.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { field, parameter, type Visit } from '../visit.ts'

const view = { page: 'admin/apiToolkit/index.njk', fragment: 'admin/apiToolkit/_clients.njk' }
const formView = { page: 'admin/apiToolkit/new.njk', fragment: 'admin/apiToolkit/new.njk' }
const secretView = { page: 'admin/apiToolkit/secret.njk', fragment: 'admin/apiToolkit/secret.njk' }
const revocationView = { page: 'admin/apiToolkit/revocation.njk', fragment: 'admin/apiToolkit/_revocation.njk' }

/** A page shows no more; nobody has that many scripts. */
const most = 500

const standing = (client: ListedApiClient, now: Date) => (client.revokedAt ? 'revoked' : clientInForce(client, now) ? 'in force' : 'ended')

/** API toolkit: whether the API is on, and who may come in by it. */
export async function apiToolkitPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const clients = await listApiClients(pages, visit.now, most)
  show(visit, view, {
    on: await isOn(pages, 'api'),
    clients: clients.map(client => ({ ...client, standing: standing(client, visit.now) })),
    scopeWords: apiScopes,
  })
}

/** An administrator switches the API on or off. */
export const apiSwitched = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.apiToolkit, async () => {
    const on = field(visit, 'on') === 'on'
    await turnSwitch(visit.context, visit.person, 'api', on)
    await say(visit, { tone: 'success', words: on ? 'The API is on.' : 'The API is off: every call is refused until it is on again.' })
    goTo(visit, paths.admin.apiToolkit)
  })

const formModel = async (visit: Visit) => ({
  accounts: (await listLocalAccounts(visit.context.storage.pages)).slice(0, most),
  scopeWords: apiScopes,
})

/** The form for a new client. */
export const newClientPage = async (visit: Visit): Promise<void> => show(visit, formView, await formModel(visit))

const scopeFields = Object.fromEntries(Object.keys(apiScopes).map(scope => [`scope-${scope}`, z.literal('on').optional()]))
const form = z.looseObject({
  name: z.string(),
  account: z.string().trim(),
  days: z.union([
    z.literal('').transform(() => null),
    z
      .string()
      .trim()
      .regex(/^[1-9]\d{0,3}$/, 'Give a number of days from 1 to 9,999, or leave it empty.')
      .transform(Number),
  ]),
  ...scopeFields,
})

/** A new client, whose secret is shown on this answer and never again. */
export const newClientSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => formModel(visit),
    async () => {
      const { name, account, days, ...ticked } = readForm(visit, form)
      const scopes = Object.keys(ticked).flatMap(key => (key.startsWith('scope-') && isApiScope(key.slice(6)) ? [key.slice(6)] : []))
      const found = account === '' ? undefined : await findLocalAccountByNameOrUuid(visit.context.storage.pages, account)
      if (account !== '' && !found) throw new Refusal('INVALID', 'There is no Local Account of this name.', 'account')
      const made = await createApiClient(visit.context, visit.person, {
        name,
        scopes,
        ...(found && { localAccountId: found.id }),
        ...(days !== null && { expiresAt: later(visit.now, days * day) }),
      })
      show(visit, secretView, { name, ...made, on: await isOn(visit.context.storage.pages, 'api') })
    },
  )

async function getClient(visit: Visit): Promise<ListedApiClient> {
  const client = await findListedApiClient(visit.context.storage.pages, visit.now, parameter(visit, 'client'))
  refuseUnless(client && !client.revokedAt, 'NOT_FOUND', 'There is no such API client, or it was revoked already.')
  return client
}

/** What a revocation does, and the question whether to. */
export const clientRevocationPage = async (visit: Visit): Promise<void> => show(visit, revocationView, { client: await getClient(visit) })

/** An administrator revokes a client. */
export const clientRevoked = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.apiToolkit, async () => {
    const { name } = await revokeApiClient(visit.context, visit.person, parameter(visit, 'client'))
    await say(visit, { tone: 'success', words: `${name} was revoked, and its tokens ended.` })
    goTo(visit, paths.admin.apiToolkit)
  })
