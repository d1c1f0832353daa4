import { z } from 'zod'
import { requestAccess } from '../administration/access/requestAccess.ts'
import { withdrawAccess } from '../administration/access/withdrawAccess.ts'
import { accountRoles, roleNames } from '../rules/accessRequests.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findLocalAccountByUuid } from '../storage/localAccounts.ts'
import { paths } from './paths.ts'
import { orForm, orNotice, readForm } from './refusals.ts'
import { goTo, say, show } from './render.ts'
import { field, type Visit } from './visit.ts'

const formView = { page: 'licensing/accessRequests/new.njk', fragment: 'licensing/accessRequests/new.njk' }
const form = z.object({
  account: z.string(),
  role: z.enum(accountRoles, 'Choose a role.'),
  localVirtualAccount: z.string().default(''),
  message: z.string().default(''),
})
const model = { accountRoles, roleNames }

/** The form of "Request access": also for somebody who has no role yet. */
export const newAccessRequestPage = (visit: Visit): void => show(visit, formView, model)

/** Somebody asks for a role in an account. */
export const accessRequestSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => model,
    async () => {
      const { account } = await requestAccess(visit.context, visit.user, readForm(visit, form))
      await say(visit, {
        tone: 'success',
        words: `You have asked for access to ${account}.`,
        more: 'An administrator of the account decides on it.',
      })
      goTo(visit, paths.accountRequests)
    },
  )

/** Somebody takes a request of theirs back. */
export const accessWithdrawn = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.accountRequests, async () => {
    const account = await findLocalAccountByUuid(visit.context.storage.pages, field(visit, 'account'))
    const id = Number(field(visit, 'request'))
    refuseUnless(account && Number.isSafeInteger(id), 'NOT_FOUND', 'There is no such request.')
    const { account: name } = await withdrawAccess(visit.context, visit.user, { localAccountId: account.id, id })
    await say(visit, { tone: 'success', words: `Your request for access to ${name} is taken back.` })
    goTo(visit, paths.accountRequests)
  })
