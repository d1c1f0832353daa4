import { paths } from '../paths.ts'
import { inAccount, onServer, type Route, wholeAccount } from '../route.ts'
import { accountPage, accountsPage } from './accounts.ts'
import { adminHome } from './home.ts'
import { newUserPage, newUserSubmitted } from './newUser.ts'
import { registrationPage, registrationSubmitted } from './registration.ts'
import { synchronizationSubmitted } from './synchronization.ts'
import {
  disablingPage,
  disablingSubmitted,
  enablingSubmitted,
  passwordResetPage,
  passwordResetSubmitted,
  unlockingSubmitted,
  userPage,
  usersPage,
} from './users.ts'

const { admin } = paths
const account = ':localAccount'
const user = ':username'

/** The Admin workspace's part of the site map. */
export const adminRoutes: Route[] = [
  onServer('get', admin.home, 'see server', adminHome),

  onServer('get', admin.accounts, 'see server', accountsPage),
  onServer('get', admin.newAccount, 'run server', registrationPage),
  onServer('post', admin.accounts, 'run server', registrationSubmitted),
  inAccount('get', admin.account(account), 'see server', accountPage, wholeAccount),
  inAccount('post', admin.synchronizations(account), 'run server', synchronizationSubmitted, wholeAccount),

  onServer('get', admin.users, 'configure server', usersPage),
  onServer('get', admin.newUser, 'configure server', newUserPage),
  onServer('post', admin.users, 'configure server', newUserSubmitted),
  onServer('get', admin.user(user), 'configure server', userPage),
  onServer('get', admin.disabling(user), 'configure server', disablingPage),
  onServer('post', admin.disabling(user), 'configure server', disablingSubmitted),
  onServer('post', admin.enabling(user), 'configure server', enablingSubmitted),
  onServer('post', admin.unlocking(user), 'configure server', unlockingSubmitted),
  onServer('get', admin.passwordReset(user), 'configure server', passwordResetPage),
  onServer('post', admin.passwordReset(user), 'configure server', passwordResetSubmitted),
]
