import { z } from 'zod'
import type { AccountRequest } from '../../rules/registrations.ts'
import { checkEmail } from '../../rules/users.ts'
import { findCloudCredentials } from '../../storage/cloudCredentials.ts'
import { findLocalAccountByName, findLocalAccountByUuid, getLocalAccount } from '../../storage/localAccounts.ts'
import { findLatestSynchronization } from '../../storage/synchronizations.ts'
import { prepareRegistrationFile } from '../../synchronization/prepareFile.ts'
import { registerLocalAccount } from '../../synchronization/registerLocalAccount.ts'
import { requestFields } from '../accountRequests.ts'
import { inAWhile } from '../inAWhile.ts'
import { paths } from '../paths.ts'
import { orForm, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { queried, type Visit } from '../visit.ts'

const view = { page: 'admin/accounts/new.njk', fragment: 'admin/accounts/new.njk' }

const form = z
  .object({
    ...requestFields,
    carrier: z.enum(['network', 'manual']).default('network'),
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
  const latest = again && (await findLatestSynchronization(db, again.id))
  return { again, asked: latest?.summary.asked, storedClientId: stored?.clientId, cloudUrl: visit.context.config.cloudUrl }
}

/** The form to register a Local Account, by network or by file. */
export const registrationPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

/** A registration. By file it goes on where the courier's request is. By network it takes seconds: what comes of it by then is said at once; else the account's page follows it to its end. */
export const registrationSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { clientId, clientSecret, carrier, ...wish } = readForm(visit, form)
      const notificationEmail = checkEmail(wish.notificationEmail, 'notificationEmail') ?? undefined
      if (carrier === 'manual') return registerByFile(visit, { ...wish, notificationEmail })
      const credentials = clientId === '' ? undefined : { clientId, clientSecret }
      const work = registerLocalAccount(visit.context, visit.person, { ...wish, notificationEmail, credentials })
      const registered = await inAWhile(visit, work)
      if (registered) await say(visit, { tone: 'success', words: `${registered.name} is registered with the cloud.` })
      const account = registered ?? (await findLocalAccountByName(visit.context.storage.db, wish.name))
      goTo(visit, account ? paths.admin.account(account.uuid) : paths.admin.accounts)
    },
  )

async function registerByFile(visit: Visit, wish: AccountRequest): Promise<void> {
  const { db } = visit.context.storage
  const { localAccountId } = await prepareRegistrationFile(visit.context, visit.person, wish)
  goTo(visit, paths.admin.courier((await getLocalAccount(db, localAccountId)).uuid))
}
