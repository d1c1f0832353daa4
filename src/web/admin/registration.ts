import { z } from 'zod'
import { checkEmail } from '../../rules/users.ts'
import { findCloudCredentials } from '../../storage/cloudCredentials.ts'
import { findLocalAccountByName, findLocalAccountByUuid } from '../../storage/localAccounts.ts'
import { registerLocalAccount } from '../../synchronization/registerLocalAccount.ts'
import { paths } from '../paths.ts'
import { orForm, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { queried, type Visit } from '../visit.ts'
import { inAWhile } from './inAWhile.ts'

const view = { page: 'admin/accounts/new.njk', fragment: 'admin/accounts/new.njk' }
const line = (words: string) => z.string().trim().min(1, words).max(100, 'Keep this within 100 characters.')

const form = z
  .object({
    name: line('Give the Local Account a name.'),
    smartAccount: line('Name the Smart Account as the cloud does.'),
    virtualAccount: line('Name the Virtual Account. The cloud makes it when it is not there.'),
    notificationEmail: z.string().trim().max(254).default(''),
    message: z.string().trim().max(2000, 'Keep the message within 2,000 characters.').default(''),
    clientId: z.string().trim().max(255).default(''),
    clientSecret: z.string().max(1000).default(''),
  })
  .refine(({ clientId, clientSecret }) => (clientId === '') === (clientSecret === ''), {
    path: ['clientSecret'],
    message: 'Give both the client id and its secret, or neither.',
  })

/** What the form begins with: nothing, or an account whose registration did not come to its end. */
async function model(visit: Visit) {
  const { db } = visit.context.storage
  const again = await findLocalAccountByUuid(db, queried(visit, 'again') ?? '')
  const stored = await findCloudCredentials(db, again?.id ?? 0)
  return { again, storedClientId: stored?.clientId, cloudUrl: visit.context.config.cloudUrl }
}

/** The form to register a Local Account by network. */
export const registrationPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

/** A registration. It takes seconds: what comes of it by then is said at once; else the account's page follows it to its end. */
export const registrationSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { clientId, clientSecret, ...wish } = readForm(visit, form)
      const notificationEmail = checkEmail(wish.notificationEmail, 'notificationEmail') ?? undefined
      const credentials = clientId === '' ? undefined : { clientId, clientSecret }
      const work = registerLocalAccount(visit.context, visit.person, { ...wish, notificationEmail, credentials })
      const registered = await inAWhile(visit.context, work)
      if (registered) await say(visit, { tone: 'success', words: `${registered.name} is registered with the cloud.` })
      const account = registered ?? (await findLocalAccountByName(visit.context.storage.db, wish.name))
      goTo(visit, account ? paths.admin.account(account.uuid) : paths.admin.accounts)
    },
  )
