import { z } from 'zod'
import { addUser } from '../../administration/addUser.ts'
import { generatePassword } from '../../directory/localPasswords.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { type RoleAssignment, roles } from '../../rules/roles.ts'
import { findLocalAccountByNameOrUuid, listLocalAccounts } from '../../storage/localAccounts.ts'
import { listLocalVirtualAccounts } from '../../storage/localVirtualAccounts.ts'
import { orForm, readForm } from '../refusals.ts'
import { show } from '../render.ts'
import type { Visit } from '../visit.ts'
import { passwordView } from './users.ts'

const view = { page: 'admin/users/new.njk', fragment: 'admin/users/new.njk' }

const form = z.object({
  username: z.string(),
  displayName: z.string().default(''),
  email: z.string().default(''),
  role: z.enum([...roles, 'none'], 'Choose a role, or none.'),
  account: z.string().trim().default(''),
  localVirtualAccount: z.string().trim().default(''),
})

const model = async (visit: Visit) => ({ accounts: (await listLocalAccounts(visit.context.storage.pages)).slice(0, 200) })

/** The form to add somebody. */
export const newUserPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

/** Somebody new, with a generated password that is shown on this answer and never again, and is changed at the first sign-in. */
export const newUserSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { role, account, localVirtualAccount, ...names } = readForm(visit, form)
      const assignments = role === 'none' ? [] : [await placed(visit, role, account, localVirtualAccount)]
      const password = generatePassword()
      const user = await addUser(visit.context, visit.person, { ...names, password, mustChangePassword: true, assignments })
      show(visit, passwordView, { username: user.username, password, added: true })
    },
  )

/** A role in the place that the form names. Refuses a place that is missing or not there. */
export async function placed(visit: Visit, role: RoleAssignment['role'], accountName: string, partName: string): Promise<RoleAssignment> {
  if (role.startsWith('system-')) return { role }
  const { pages } = visit.context.storage
  refuseUnless(accountName, 'INVALID', 'Name the Local Account that this role is for.', 'account')
  const account = await findLocalAccountByNameOrUuid(pages, accountName)
  refuseUnless(account, 'INVALID', 'There is no Local Account of this name.', 'account')
  if (role.startsWith('smart-account-')) return { role, localAccountId: account.id }
  refuseUnless(partName, 'INVALID', 'Name the Local Virtual Account that this role is for.', 'localVirtualAccount')
  const part = (await listLocalVirtualAccounts(pages, account.id)).find(({ name }) => name.toLowerCase() === partName.toLowerCase())
  if (!part) throw new Refusal('INVALID', `${account.name} has no Local Virtual Account of this name.`, 'localVirtualAccount')
  return { role, localAccountId: account.id, localVirtualAccountId: part.id }
}
