import { z } from 'zod'
import { mapGroup, unmapGroup } from '../../administration/directory/mapGroup.ts'
import { groupOrigins } from '../../rules/groupRoles.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { roles } from '../../rules/roles.ts'
import { listLocalAccounts } from '../../storage/localAccounts.ts'
import { listGroupRoleRows } from '../../storage/pages/groupRoleRows.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { parameter, type Visit } from '../visit.ts'
import { placed } from './places.ts'

const view = { page: 'admin/access/groups.njk', fragment: 'admin/access/groups.njk' }
const removalView = { page: 'admin/access/groupRemoval.njk', fragment: 'admin/access/_groupRemoval.njk' }

async function model({ context }: Visit) {
  const { pages } = context.storage
  const [rules, accounts] = await Promise.all([listGroupRoleRows(pages), listLocalAccounts(pages)])
  return { rules, accounts: accounts.slice(0, 200) }
}

/** Access management › Groups: which groups give which roles. */
export const groupRolesPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

const form = z.object({
  origin: z.enum(groupOrigins, 'Choose where the group is.').default('directory'),
  pattern: z.string().default(''),
  role: z.enum(roles, 'Choose a role.'),
  account: z.string().trim().default(''),
  localVirtualAccount: z.string().trim().default(''),
})

/** A rule. */
export const groupRoleSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { origin, pattern, role, account, localVirtualAccount } = readForm(visit, form)
      const assignment = await placed(visit, role, account, localVirtualAccount)
      await mapGroup(visit.context, visit.person, { origin, pattern, assignment })
      await say(visit, { tone: 'success', words: `Who is in ${pattern.trim()} has this role from the next sign-in on.` })
      goTo(visit, paths.admin.groupRoles)
    },
  )

/** What taking a rule away does, and the question whether to. */
export async function groupRoleRemovalPage(visit: Visit): Promise<void> {
  const rule = (await listGroupRoleRows(visit.context.storage.pages)).find(({ id }) => String(id) === parameter(visit, 'rule'))
  refuseUnless(rule, 'NOT_FOUND', 'There is no such rule.')
  show(visit, removalView, { rule })
}

/** A rule is gone. */
export const groupRoleRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.groupRoles, async () => {
    const id = Number(parameter(visit, 'rule'))
    refuseUnless(Number.isInteger(id) && id > 0 && id < 2 ** 31, 'NOT_FOUND', 'There is no such rule.')
    const pattern = await unmapGroup(visit.context, visit.person, id)
    await say(visit, { tone: 'success', words: `The group ${pattern} does not give this role any more.` })
    goTo(visit, paths.admin.groupRoles)
  })
