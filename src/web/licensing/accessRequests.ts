import { z } from 'zod'
import { approveAccess } from '../../administration/access/approveAccess.ts'
import { refuseAccess } from '../../administration/access/refuseAccess.ts'
import { accountRoles, roleInWords, roleNames } from '../../rules/accessRequests.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type AccessRequest, findWaitingAccessRequest } from '../../storage/accessRequests.ts'
import { accessRequestSort, listAccessRequestRows } from '../../storage/pages/accessRequestRows.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { paths } from '../paths.ts'
import { orForm, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field, parameter } from '../visit.ts'
import { assignmentIn } from './account.ts'
import { listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = (name: string) => ({ page: `licensing/account/${name}.njk`, fragment: `licensing/account/_${name}.njk` })
const pathOf = ({ account }: AccountVisit) => paths.licensing.accessRequests(account.uuid)

/** Account › Access requests: who asks for a role here, and what was decided before. */
export async function accessRequestsPage(visit: AccountVisit): Promise<void> {
  const decided = oneOf(visit, 'state', ['decided']) !== undefined
  const slice = readSlice(visit, accessRequestSort, readQuestion(visit).size)
  const page = await listAccessRequestRows(visit.context.storage.pages, visit.account.id, !decided, slice)
  const list = listModel(visit, pathOf(visit), { state: decided ? 'decided' : '' }, slice, page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  show(visit, view('accessRequests'), { list, rows: page.rows, decided, roleInWords })
}

async function getRequest(visit: AccountVisit): Promise<AccessRequest> {
  const id = Number(parameter(visit, 'request'))
  const request = Number.isSafeInteger(id) ? await findWaitingAccessRequest(visit.context.storage.pages, visit.account.id, id) : undefined
  refuseUnless(request, 'NOT_FOUND', 'There is no such request. It may have been decided, or taken back, in the meantime.')
  return request
}

/** What was asked for stands in the form; the place by its name, where there is one that is called so. */
async function approvalModel(visit: AccountVisit) {
  const [request, places] = await Promise.all([getRequest(visit), listPlaces(visit.context.storage.pages, scopeOf(visit))])
  const named = places.find(({ name }) => name.toLowerCase() === request.localVirtualAccount.toLowerCase())
  return { request, places, named, accountRoles, roleNames, asked: roleInWords(request.role, request.localVirtualAccount) }
}

/** What approving gives. */
export const accessApprovalPage = async (visit: AccountVisit): Promise<void> =>
  show(visit, view('accessApproval'), await approvalModel(visit))

const form = z.object({ role: z.enum(accountRoles, 'Choose a role.'), localVirtualAccount: z.string().trim().default('') })

/** An administrator of the account approves. */
export const accessApproved = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    { page: view('accessApproval').page, fragment: view('accessApproval').page },
    () => approvalModel(visit),
    async () => {
      const { id } = await getRequest(visit)
      const { role, localVirtualAccount } = readForm(visit, form)
      const { localVirtualAccountId } = await assignmentIn(visit, role, localVirtualAccount)
      const grant = { localAccountId: visit.account.id, id, role, localVirtualAccountId }
      const { username, words } = await approveAccess(visit.context, visit.person, grant)
      await say(visit, { tone: 'success', words: `${username} is ${words} from the next sign-in on.` })
      goTo(visit, pathOf(visit))
    },
  )

async function refusalModel(visit: AccountVisit) {
  const request = await getRequest(visit)
  return { request, asked: roleInWords(request.role, request.localVirtualAccount) }
}

/** Why a request is refused: whoever asked reads it. */
export const accessRefusalPage = async (visit: AccountVisit): Promise<void> => show(visit, view('accessRefusal'), await refusalModel(visit))

/** An administrator of the account refuses. */
export const accessRefused = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    { page: view('accessRefusal').page, fragment: view('accessRefusal').page },
    () => refusalModel(visit),
    async () => {
      const { id } = await getRequest(visit)
      const wish = { localAccountId: visit.account.id, id, reason: field(visit, 'reason') }
      const { username } = await refuseAccess(visit.context, visit.person, wish)
      await say(visit, { tone: 'success', words: `The request of ${username} is refused.` })
      goTo(visit, pathOf(visit))
    },
  )
