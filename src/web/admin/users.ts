import { disableUser } from '../../administration/disableUser.ts'
import { enableUser } from '../../administration/enableUser.ts'
import { makeResetCode } from '../../administration/makeResetCode.ts'
import { resetPassword } from '../../administration/resetPassword.ts'
import { resetSecondFactor } from '../../administration/secondFactor/resetSecondFactor.ts'
import { unlockUser } from '../../administration/unlockUser.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type AdminUser, findAdminUser, listAdminUsers } from '../../storage/pages/adminUsers.ts'
import { paths } from '../paths.ts'
import { orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { parameter, queried, type Visit } from '../visit.ts'
import { placesModel } from './places.ts'

const listView = { page: 'admin/users/index.njk', fragment: 'admin/users/_table.njk' }
export const userView = { page: 'admin/users/user.njk', fragment: 'admin/users/user.njk' }
const rows = 50

/** Everybody who signs in with a local password: roles, standing, last sign-in. */
export async function usersPage(visit: Visit): Promise<void> {
  const search = (queried(visit, 'search') ?? '').trim().slice(0, 100)
  const after = (queried(visit, 'after') ?? '').slice(0, 64)
  const found = await listAdminUsers(visit.context.storage.pages, { search, after, limit: rows + 1 })
  const users = found.slice(0, rows)
  show(visit, listView, { search, after, users, next: found.length > rows ? users.at(-1)?.username : undefined, now: visit.now })
}

async function getUser(visit: Visit): Promise<AdminUser> {
  const user = await findAdminUser(visit.context.storage.pages, parameter(visit, 'username'))
  refuseUnless(user, 'NOT_FOUND', 'There is no such user.')
  return user
}

/** What the page of a user shows: the user, and the accounts that a role can be given in. */
export const userModel = async (visit: Visit) => ({ person: await getUser(visit), ...(await placesModel(visit)), now: visit.now })

/** One user. */
export const userPage = async (visit: Visit): Promise<void> => show(visit, userView, await userModel(visit))

const confirmation = (name: string) => ({ page: `admin/users/${name}.njk`, fragment: `admin/users/_${name}.njk` })

/** What disabling does, and the question whether to. */
export const disablingPage = async (visit: Visit): Promise<void> => show(visit, confirmation('disabling'), { person: await getUser(visit) })

/** An administrator keeps somebody out. */
export const disablingSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, 'was disabled', name => disableUser(visit.context, visit.person, name))

/** An administrator lets somebody in again. */
export const enablingSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, 'was enabled', name => enableUser(visit.context, visit.person, name))

/** An administrator ends a lock before its time. */
export const unlockingSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, 'was unlocked', name => unlockUser(visit.context, visit.person, name))

function changed(visit: Visit, words: string, work: (username: string) => Promise<void>): Promise<void> {
  const username = parameter(visit, 'username')
  return orNotice(visit, paths.admin.user(username), async () => {
    await work(username)
    await say(visit, { tone: 'success', words: `${username} ${words}.` })
    goTo(visit, paths.admin.user(username))
  })
}

/** What a reset does, and the question whether to. */
export const passwordResetPage = async (visit: Visit): Promise<void> =>
  show(visit, confirmation('passwordReset'), { person: await getUser(visit) })

/** An administrator gives somebody a new password, which is shown on this answer and never again. */
export async function passwordResetSubmitted(visit: Visit): Promise<void> {
  const { username } = await getUser(visit)
  const { password } = await resetPassword(visit.context, visit.person, { username, mustChangePassword: true })
  show(visit, passwordView, { username, password, added: false })
}

/** A code by which somebody chooses a new password themselves, told them by another way; it is shown on this answer and never again. */
export const resetCodeSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.user(parameter(visit, 'username')), async () => {
    const { username } = await getUser(visit)
    const made = await makeResetCode(visit.context, visit.person, username)
    show(visit, { page: 'admin/users/resetCode.njk', fragment: 'admin/users/resetCode.njk' }, { username, ...made })
  })

/** What taking somebody's second factor away does, and the question whether to. */
export const secondFactorResetPage = async (visit: Visit): Promise<void> =>
  show(visit, confirmation('secondFactorReset'), { person: await getUser(visit) })

/** An administrator lets somebody in whose device is lost. */
export const secondFactorResetSubmitted = (visit: Visit): Promise<void> =>
  changed(visit, 'has no second factor any more', name => resetSecondFactor(visit.context, visit.person, name))

/** A password that is shown once. */
export const passwordView = { page: 'admin/users/password.njk', fragment: 'admin/users/password.njk' }
