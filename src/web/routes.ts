import { accessRequestSubmitted, accessWithdrawn, newAccessRequestPage } from './accessRequests.ts'
import { accountPicker } from './accountPicker.ts'
import { accountRequestSubmitted, accountRequestsPage, newAccountRequestPage } from './accountRequests.ts'
import { adminRoutes } from './admin/routes.ts'
import { home } from './home.ts'
import { licensingRoutes } from './licensing/routes.ts'
import { newPasswordPage, newPasswordSubmitted } from './newPassword.ts'
import { openIdReturned, openIdSubmitted } from './openId.ts'
import { passwordPage, passwordSubmitted } from './password.ts'
import { paths } from './paths.ts'
import { columnsSubmitted, filterRemoved, filterSaved, preferencesPage, preferencesSubmitted } from './preferences.ts'
import { open, own, ownFirst, type Route } from './route.ts'
import {
  recoveryCodesSubmitted,
  secondFactorConfirmed,
  secondFactorPage,
  secondFactorRemoved,
  secondFactorSubmitted,
} from './secondFactor.ts'
import { signInPage, signInSubmitted, signOutSubmitted } from './signIn.ts'
import { codePage, codeSubmitted } from './signInCode.ts'
import { themeSubmitted } from './theme.ts'

/**
 * The site map: every address of both workspaces, the act that it is and where. What has no row here does not exist; test/web/routes.test.ts
 * walks the table as nobody and as each role.
 */
export const routes: Route[] = [
  open('get', paths.signIn, signInPage),
  open('post', paths.signIn, signInSubmitted),
  open('get', paths.code, codePage),
  open('post', paths.code, codeSubmitted),
  open('get', paths.newPassword, newPasswordPage),
  open('post', paths.newPassword, newPasswordSubmitted),
  ownFirst('get', paths.secondFactor, secondFactorPage),
  ownFirst('post', paths.secondFactor, secondFactorSubmitted),
  ownFirst('post', paths.secondFactorConfirmation, secondFactorConfirmed),
  ownFirst('post', paths.recoveryCodes, recoveryCodesSubmitted),
  ownFirst('post', paths.secondFactorRemoval, secondFactorRemoved),
  open('post', paths.openId, openIdSubmitted),
  open('get', paths.openIdReturn, openIdReturned),
  ownFirst('post', paths.signOut, signOutSubmitted),
  ownFirst('get', paths.password, passwordPage),
  ownFirst('post', paths.password, passwordSubmitted),
  ownFirst('post', paths.theme, themeSubmitted),
  own('get', paths.preferences, preferencesPage),
  own('post', paths.preferences, preferencesSubmitted),
  own('post', paths.columns, columnsSubmitted),
  own('post', paths.savedFilters, filterSaved),
  own('post', paths.savedFilterRemoval, filterRemoved),
  own('get', paths.accountPicker, accountPicker),
  own('get', paths.home, home),
  own('get', paths.accountRequests, accountRequestsPage),
  own('get', paths.newAccountRequest, newAccountRequestPage),
  own('post', paths.accountRequests, accountRequestSubmitted),
  own('get', paths.newAccessRequest, newAccessRequestPage),
  own('post', paths.accessRequests, accessRequestSubmitted),
  own('post', paths.accessWithdrawal, accessWithdrawn),
  ...licensingRoutes,
  ...adminRoutes,
]
