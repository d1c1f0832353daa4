import { accessRequestSubmitted, accessWithdrawn, newAccessRequestPage } from './accessRequests.ts'
import { accountPicker } from './accountPicker.ts'
import { accountRequestSubmitted, accountRequestsPage, newAccountRequestPage } from './accountRequests.ts'
import { adminRoutes } from './admin/routes.ts'
import { home } from './home.ts'
import { licensingRoutes } from './licensing/routes.ts'
import { openIdReturned, openIdSubmitted } from './openId.ts'
import { passwordPage, passwordSubmitted } from './password.ts'
import { paths } from './paths.ts'
import { columnsSubmitted, filterRemoved, filterSaved, preferencesPage, preferencesSubmitted } from './preferences.ts'
import { open, own, type Route } from './route.ts'
import { signInPage, signInSubmitted, signOutSubmitted } from './signIn.ts'
import { themeSubmitted } from './theme.ts'

/**
 * The site map: every address of both workspaces, the act that it is and where. What has no row here does not exist; test/web/routes.test.ts
 * walks the table as nobody and as each role.
 */
export const routes: Route[] = [
  open('get', paths.signIn, signInPage),
  open('post', paths.signIn, signInSubmitted),
  open('post', paths.openId, openIdSubmitted),
  open('get', paths.openIdReturn, openIdReturned),
  own('post', paths.signOut, signOutSubmitted),
  own('get', paths.password, passwordPage),
  own('post', paths.password, passwordSubmitted),
  own('post', paths.theme, themeSubmitted),
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
