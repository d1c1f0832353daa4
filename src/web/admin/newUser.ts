import { z } from 'zod'
import { addUser } from '../../administration/addUser.ts'
import { generatePassword } from '../../directory/localPasswords.ts'
import { roles } from '../../rules/roles.ts'
import { orForm, readForm } from '../refusals.ts'
import { show } from '../render.ts'
import type { Visit } from '../visit.ts'
import { placed, placesModel } from './places.ts'
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

/** The form to add somebody. */
export const newUserPage = async (visit: Visit): Promise<void> => show(visit, view, await placesModel(visit))

/** Somebody new, with a generated password that is shown on this answer and never again, and is changed at the first sign-in. */
export const newUserSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => placesModel(visit),
    async () => {
      const { role, account, localVirtualAccount, ...names } = readForm(visit, form)
      const assignments = role === 'none' ? [] : [await placed(visit, role, account, localVirtualAccount)]
      const password = generatePassword()
      const user = await addUser(visit.context, visit.person, { ...names, password, mustChangePassword: true, assignments })
      show(visit, passwordView, { username: user.username, password, added: true })
    },
  )
