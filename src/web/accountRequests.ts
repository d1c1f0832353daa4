import { z } from 'zod'
import { requestLocalAccount } from '../administration/accounts/requestLocalAccount.ts'
import { roleInWords } from '../rules/accessRequests.ts'
import { checkEmail } from '../rules/users.ts'
import { listAccessRequestsOf } from '../storage/accessRequests.ts'
import { listRequestsOf } from '../storage/localAccounts.ts'
import { paths } from './paths.ts'
import { orForm, readForm } from './refusals.ts'
import { goTo, say, show } from './render.ts'
import type { Visit } from './visit.ts'

const listView = { page: 'licensing/accountRequests/index.njk', fragment: 'licensing/accountRequests/_table.njk' }
const formView = { page: 'licensing/accountRequests/new.njk', fragment: 'licensing/accountRequests/new.njk' }
const line = (words: string) => z.string().trim().min(1, words).max(100, 'Keep this within 100 characters.')

/** What a request for a Local Account says; the Admin workspace registers with the same. */
export const requestFields = {
  name: line('Give the Local Account a name.'),
  smartAccount: line('Name the Smart Account as the cloud does.'),
  virtualAccount: line('Name the Virtual Account. The cloud makes it when it is not there.'),
  notificationEmail: z.string().trim().max(254).default(''),
  message: z.string().trim().max(2000, 'Keep the message within 2,000 characters.').default(''),
}
const form = z.object(requestFields)

/** What I have asked for, accounts and access to them, and what was decided about it. */
export async function accountRequestsPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const [requests, access] = await Promise.all([listRequestsOf(pages, visit.user.id), listAccessRequestsOf(pages, visit.user.id)])
  show(visit, listView, { requests, access, roleInWords })
}

const model = ({ user }: Visit) => ({ email: user.email })

/** The form of "Request an account": also for somebody who has no role yet. */
export const newAccountRequestPage = (visit: Visit): void => show(visit, formView, model(visit))

/** Somebody asks for a Local Account. */
export const accountRequestSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => model(visit),
    async () => {
      const { notificationEmail, ...wish } = readForm(visit, form)
      const email = checkEmail(notificationEmail, 'notificationEmail')
      const { name } = await requestLocalAccount(visit.context, visit.person, { ...wish, notificationEmail: email })
      await say(visit, { tone: 'success', words: `${name} was requested.`, more: 'An administrator of this server decides on it.' })
      goTo(visit, paths.accountRequests)
    },
  )
