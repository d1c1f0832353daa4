import { z } from 'zod'
import { assignRole } from '../../administration/assignRole.ts'
import { removeRole } from '../../administration/removeRole.ts'
import { type AccountRole, accountRoles, isWithinPlace, roleNames } from '../../rules/accessRequests.ts'
import { accountStanding } from '../../rules/accounts.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { RoleAssignment } from '../../rules/roles.ts'
import { synchronizationExpiresAt } from '../../rules/synchronization.ts'
import { getLocalVirtualAccount } from '../../storage/localVirtualAccounts.ts'
import { accountPeopleSort, listAccountPeople } from '../../storage/pages/accountPeople.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import type { AccountVisit } from '../visit.ts'
import { listModel, readQuestion, readSlice, scopeOf } from './list.ts'

const view = { page: 'licensing/account/index.njk', fragment: 'licensing/account/_people.njk' }

async function model(visit: AccountVisit) {
  const { account, now } = visit
  const { pages } = visit.context.storage
  const question = readQuestion(visit)
  const slice = readSlice(visit, accountPeopleSort, question.size)
  const [{ page, groups }, places] = await Promise.all([
    listAccountPeople(pages, scopeOf(visit), question.search, slice),
    listPlaces(pages, scopeOf(visit)),
  ])
  const list = listModel(visit, paths.licensing.account(account.uuid), { search: question.search }, slice, page)
  const expiresAt = account.lastSynchronizedAt && synchronizationExpiresAt(account.lastSynchronizedAt)
  return { list, people: page.rows, groups, places, question, accountRoles, roleNames, standing: accountStanding(account, now), expiresAt }
}

/** Account: its properties, who may do what in it, and which groups give a role in it. */
export const accountPage = async (visit: AccountVisit): Promise<void> => show(visit, view, await model(visit))

const form = z.object({
  username: z.string().trim().min(1, 'Name the user as they sign in.').max(254, 'Name the user as they sign in.'),
  role: z.enum(accountRoles, 'Choose a role.'),
  localVirtualAccount: z.string().trim().default(''),
})

/** The role that a form names, in this account and nowhere else. Refuses a place that is not one of its Local Virtual Accounts. */
export async function assignmentIn(visit: AccountVisit, role: AccountRole, place: string): Promise<RoleAssignment & { role: AccountRole }> {
  const localAccountId = visit.account.id
  if (!isWithinPlace(role)) return { role, localAccountId }
  const isNumber = /^[1-9]\d{0,8}$/.test(place)
  refuseUnless(isNumber, 'INVALID', 'Choose the Local Virtual Account that this role is for.', 'localVirtualAccount')
  const { id } = await getLocalVirtualAccount(visit.context.storage.pages, localAccountId, Number(place))
  return { role, localAccountId, localVirtualAccountId: id }
}

/** An administrator of the account gives somebody a role in it. */
export const accountRoleSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    { page: view.page, fragment: view.page },
    () => model(visit),
    async () => {
      const { username, role, localVirtualAccount } = readForm(visit, form)
      const assignment = await assignmentIn(visit, role, localVirtualAccount)
      await assignRole(visit.context, visit.person, username, assignment).catch((error: unknown) => {
        // A user who is not there is a word to mend in this form, and no page that is missing.
        throw error instanceof Refusal && error.code === 'NOT_FOUND' ? new Refusal('INVALID', error.message, 'username') : error
      })
      await say(visit, { tone: 'success', words: `${username} has the role from the next sign-in on.` })
      goTo(visit, paths.licensing.account(visit.account.uuid))
    },
  )

/** An administrator of the account takes a role in it away. */
export const accountRoleRemoved = (visit: AccountVisit): Promise<void> => {
  const back = paths.licensing.account(visit.account.uuid)
  return orNotice(visit, back, async () => {
    const { username, role, localVirtualAccount } = readForm(visit, form)
    await removeRole(visit.context, visit.person, username, await assignmentIn(visit, role, localVirtualAccount))
    await say(visit, { tone: 'success', words: `The role was taken from ${username}, who has to sign in again.` })
    goTo(visit, back)
  })
}
