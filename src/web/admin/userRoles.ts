import { z } from 'zod'
import { assignRole } from '../../administration/assignRole.ts'
import { removeRole } from '../../administration/removeRole.ts'
import { roles } from '../../rules/roles.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say } from '../render.ts'
import { parameter, type Visit } from '../visit.ts'
import { placed } from './places.ts'
import { userModel, userView } from './users.ts'

const form = z.object({
  role: z.enum(roles, 'Choose a role.'),
  account: z.string().trim().default(''),
  localVirtualAccount: z.string().trim().default(''),
})

/** An administrator gives somebody a role in a place. */
export const roleSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    userView,
    () => userModel(visit),
    async () => {
      const username = parameter(visit, 'username')
      const { role, account, localVirtualAccount } = readForm(visit, form)
      await assignRole(visit.context, visit.person, username, await placed(visit, role, account, localVirtualAccount))
      await goBack(visit, username, `${username} has the role from the next sign-in on.`)
    },
  )

/** An administrator takes a role away; never the last System Administrator's. */
export const roleRemovalSubmitted = (visit: Visit): Promise<void> => {
  const username = parameter(visit, 'username')
  return orNotice(visit, paths.admin.user(username), async () => {
    const { role, account, localVirtualAccount } = readForm(visit, form)
    await removeRole(visit.context, visit.person, username, await placed(visit, role, account, localVirtualAccount))
    await goBack(visit, username, `The role was taken from ${username}, who has to sign in again.`)
  })
}

/** Whoever changes their own roles has no session any more, and is not told in it. */
async function goBack(visit: Visit, username: string, words: string): Promise<void> {
  await say(visit, { tone: 'success', words })
  goTo(visit, paths.admin.user(username))
}
