import { paths } from '../paths.ts'
import { inAccount, onServer, type Route, uploadInAccount, uploadOnServer, wholeAccount } from '../route.ts'
import { accountEventsPage, accountPage, accountsPage, requestsPage } from './accounts.ts'
import { apiSwitched, apiToolkitPage, clientRevocationPage, clientRevoked, newClientPage, newClientSubmitted } from './apiToolkit.ts'
import {
  courierApplicationSubmitted,
  courierCancellationPage,
  courierCancellationSubmitted,
  courierPage,
  courierRequestFile,
  courierRequestSubmitted,
  courierResponseSubmitted,
} from './courier.ts'
import {
  approvalSubmitted,
  deactivationPage,
  deactivationSubmitted,
  deletionPage,
  deletionSubmitted,
  productRemovalPage,
  productRemovalSubmitted,
  propertiesPage,
  propertiesSubmitted,
  rejectionPage,
  rejectionSubmitted,
  signInRemovalPage,
  signInRemovalSubmitted,
} from './decisions.ts'
import {
  directoryPage,
  directoryRemovalPage,
  directoryRemovalSubmitted,
  directorySubmitted,
  directoryTestSubmitted,
  personTestSubmitted,
} from './directory.ts'
import { exchangeFile, exchangePage, exchangesPage } from './exchanges.ts'
import { groupRoleRemovalPage, groupRoleRemovalSubmitted, groupRoleSubmitted, groupRolesPage } from './groupRoles.ts'
import { highAvailabilityPage } from './highAvailability.ts'
import { adminHome } from './home.ts'
import { agendaPage, jobsPage, mailRetrySubmitted } from './jobs.ts'
import {
  authoritiesSubmitted,
  authorityRemovalPage,
  authorityRemovalSubmitted,
  connectionTestSubmitted,
  networkPage,
  proxyRemovalSubmitted,
  proxySubmitted,
} from './network.ts'
import { newUserPage, newUserSubmitted } from './newUser.ts'
import { openIdPage, openIdRemovalPage, openIdRemovalSubmitted, openIdSubmitted, openIdTestSubmitted } from './openId.ts'
import {
  newSyslogPage,
  newWebhookPage,
  noticeResent,
  receiverPage,
  receiverRemovalPage,
  receiverRemovalSubmitted,
  receiverSecretPage,
  receiverSecretSubmitted,
  receiverSubmitted,
  receiversPage,
  receiverTestSubmitted,
  syslogSubmitted,
  webhookSubmitted,
} from './receivers.ts'
import { registrationPage, registrationSubmitted } from './registration.ts'
import { securityPage, securitySubmitted, strictSecuritySubmitted } from './security.ts'
import { sessionEndSubmitted, sessionsEndSubmitted, sessionsPage } from './sessions.ts'
import { mailRemovalSubmitted, mailSubmitted, mailTestSubmitted, registrationTlsSubmitted, settingsPage } from './settings.ts'
import {
  accountSettingsPage,
  accountSettingsSubmitted,
  defaultsPage,
  defaultsSubmitted,
  synchronizationPage,
  synchronizationSubmitted,
} from './synchronization.ts'
import { trailExport, trailPage, trailVerificationSubmitted } from './trail.ts'
import {
  installationSubmitted,
  releaseDeletionSubmitted,
  releasePage,
  releaseUploaded,
  rollbackPage,
  rollbackSubmitted,
  upgradePage,
} from './upgrade.ts'
import { roleRemovalSubmitted, roleSubmitted } from './userRoles.ts'
import {
  disablingPage,
  disablingSubmitted,
  enablingSubmitted,
  passwordResetPage,
  passwordResetSubmitted,
  resetCodeSubmitted,
  secondFactorResetPage,
  secondFactorResetSubmitted,
  unlockingSubmitted,
  userPage,
  usersPage,
} from './users.ts'

const { admin } = paths
const account = ':localAccount'
const user = ':username'
const fingerprint = ':fingerprint'
const receiver = ':receiver'

/** The Admin workspace's part of the site map. */
export const adminRoutes: Route[] = [
  onServer('get', admin.home, 'see server', adminHome),

  onServer('get', admin.accounts, 'see server', accountsPage),
  onServer('get', admin.newAccount, 'run server', registrationPage),
  onServer('post', admin.accounts, 'run server', registrationSubmitted),
  onServer('get', admin.accountRequests, 'see server', requestsPage),
  onServer('get', admin.accountEvents, 'see server', accountEventsPage),
  inAccount('get', admin.account(account), 'see server', accountPage, wholeAccount),
  inAccount('post', admin.approval(account), 'run server', approvalSubmitted, wholeAccount),
  inAccount('get', admin.rejection(account), 'run server', rejectionPage, wholeAccount),
  inAccount('post', admin.rejection(account), 'run server', rejectionSubmitted, wholeAccount),
  inAccount('get', admin.properties(account), 'run server', propertiesPage, wholeAccount),
  inAccount('post', admin.properties(account), 'run server', propertiesSubmitted, wholeAccount),
  inAccount('get', admin.productRemoval(account), 'run server', productRemovalPage, wholeAccount),
  inAccount('post', admin.productRemoval(account), 'run server', productRemovalSubmitted, wholeAccount),
  inAccount('get', admin.deactivation(account), 'run server', deactivationPage, wholeAccount),
  inAccount('post', admin.deactivation(account), 'run server', deactivationSubmitted, wholeAccount),
  inAccount('get', admin.signInRemoval(account), 'run server', signInRemovalPage, wholeAccount),
  inAccount('post', admin.signInRemoval(account), 'run server', signInRemovalSubmitted, wholeAccount),
  inAccount('get', admin.deletion(account), 'run server', deletionPage, wholeAccount),
  inAccount('post', admin.deletion(account), 'run server', deletionSubmitted, wholeAccount),

  onServer('get', admin.synchronization, 'see server', synchronizationPage),
  onServer('get', admin.synchronizationDefaults, 'see server', defaultsPage),
  onServer('post', admin.synchronizationDefaults, 'configure server', defaultsSubmitted),
  onServer('get', admin.exchanges, 'see server', exchangesPage),
  inAccount('post', admin.synchronizations(account), 'run server', synchronizationSubmitted, wholeAccount),
  inAccount('get', admin.synchronizationSettings(account), 'run server', accountSettingsPage, wholeAccount),
  inAccount('post', admin.synchronizationSettings(account), 'run server', accountSettingsSubmitted, wholeAccount),
  inAccount('get', admin.courier(account), 'run server', courierPage, wholeAccount),
  inAccount('get', admin.courierRequest(account), 'run server', courierRequestFile, wholeAccount),
  inAccount('post', admin.courierRequest(account), 'run server', courierRequestSubmitted, wholeAccount),
  uploadInAccount(admin.courierResponse(account), 'run server', courierResponseSubmitted),
  inAccount('post', admin.courierApplication(account), 'run server', courierApplicationSubmitted, wholeAccount),
  inAccount('get', admin.courierCancellation(account), 'run server', courierCancellationPage, wholeAccount),
  inAccount('post', admin.courierCancellation(account), 'run server', courierCancellationSubmitted, wholeAccount),
  inAccount('get', admin.exchange(account, ':exchange'), 'see server', exchangePage, wholeAccount),
  inAccount('get', admin.exchangeFile(account, ':exchange', 'request'), 'run server', exchangeFile('request'), wholeAccount),
  inAccount('get', admin.exchangeFile(account, ':exchange', 'response'), 'run server', exchangeFile('response'), wholeAccount),

  onServer('get', admin.highAvailability, 'configure server', highAvailabilityPage),

  onServer('get', admin.network, 'see server', networkPage),
  onServer('post', admin.connectionTest, 'run server', connectionTestSubmitted),
  onServer('post', admin.proxy, 'configure server', proxySubmitted),
  onServer('post', admin.proxyRemoval, 'configure server', proxyRemovalSubmitted),
  onServer('post', admin.authorities, 'configure server', authoritiesSubmitted),
  onServer('get', admin.authorityRemoval(fingerprint), 'configure server', authorityRemovalPage),
  onServer('post', admin.authorityRemoval(fingerprint), 'configure server', authorityRemovalSubmitted),

  onServer('get', admin.apiToolkit, 'see server', apiToolkitPage),
  onServer('post', admin.apiToolkit, 'configure server', apiSwitched),
  onServer('get', admin.newApiClient, 'configure server', newClientPage),
  onServer('post', admin.apiClients, 'configure server', newClientSubmitted),
  onServer('get', admin.apiClientRevocation(':client'), 'configure server', clientRevocationPage),
  onServer('post', admin.apiClientRevocation(':client'), 'configure server', clientRevoked),

  onServer('get', admin.settings, 'see server', settingsPage),
  onServer('post', admin.mail, 'configure server', mailSubmitted),
  onServer('post', admin.mailRemoval, 'configure server', mailRemovalSubmitted),
  onServer('post', admin.mailTest, 'run server', mailTestSubmitted),
  onServer('post', admin.registrationTls, 'configure server', registrationTlsSubmitted),

  onServer('get', admin.jobs, 'see server', jobsPage),
  onServer('get', admin.agenda, 'see server', agendaPage),
  onServer('post', admin.mailRetry, 'run server', mailRetrySubmitted),
  onServer('get', admin.receivers, 'see server', receiversPage),
  onServer('get', admin.newSyslog, 'configure server', newSyslogPage),
  onServer('post', admin.newSyslog, 'configure server', syslogSubmitted),
  onServer('get', admin.newWebhook, 'configure server', newWebhookPage),
  onServer('post', admin.newWebhook, 'configure server', webhookSubmitted),
  onServer('get', admin.receiver(receiver), 'see server', receiverPage),
  onServer('post', admin.receiver(receiver), 'configure server', receiverSubmitted),
  onServer('post', admin.receiverTest(receiver), 'run server', receiverTestSubmitted),
  onServer('get', admin.receiverSecret(receiver), 'configure server', receiverSecretPage),
  onServer('post', admin.receiverSecret(receiver), 'configure server', receiverSecretSubmitted),
  onServer('get', admin.receiverRemoval(receiver), 'configure server', receiverRemovalPage),
  onServer('post', admin.receiverRemoval(receiver), 'configure server', receiverRemovalSubmitted),
  onServer('post', admin.noticeResending(receiver, ':notice'), 'run server', noticeResent),

  onServer('get', admin.upgrade, 'configure server', upgradePage),
  uploadOnServer(admin.releases, 'configure server', releaseUploaded),
  onServer('get', admin.release(':release'), 'configure server', releasePage),
  onServer('post', admin.installation(':release'), 'configure server', installationSubmitted),
  onServer('post', admin.releaseDeletion(':release'), 'configure server', releaseDeletionSubmitted),
  onServer('get', admin.rollback, 'configure server', rollbackPage),
  onServer('post', admin.rollback, 'configure server', rollbackSubmitted),
  onServer('get', admin.security, 'configure server', securityPage),
  onServer('post', admin.securitySettings, 'configure server', securitySubmitted),
  onServer('post', admin.strictSecurity, 'configure server', strictSecuritySubmitted),
  onServer('get', admin.sessions, 'configure server', sessionsPage),
  onServer('post', admin.sessionEnd(':session'), 'configure server', sessionEndSubmitted),
  onServer('post', admin.sessionsEnd(user), 'configure server', sessionsEndSubmitted),
  onServer('post', admin.roles(user), 'configure server', roleSubmitted),
  onServer('post', admin.roleRemoval(user), 'configure server', roleRemovalSubmitted),
  onServer('get', admin.trail, 'see server', trailPage),
  onServer('post', admin.trailVerification, 'run server', trailVerificationSubmitted),
  onServer('get', admin.trailExport, 'run server', trailExport),

  onServer('get', admin.directory, 'configure server', directoryPage),
  onServer('post', admin.directory, 'configure server', directorySubmitted),
  onServer('post', admin.directoryTest, 'configure server', directoryTestSubmitted),
  onServer('post', admin.personTest, 'configure server', personTestSubmitted),
  onServer('get', admin.directoryRemoval, 'configure server', directoryRemovalPage),
  onServer('post', admin.directoryRemoval, 'configure server', directoryRemovalSubmitted),
  onServer('get', admin.openId, 'configure server', openIdPage),
  onServer('post', admin.openId, 'configure server', openIdSubmitted),
  onServer('post', admin.openIdTest, 'configure server', openIdTestSubmitted),
  onServer('get', admin.openIdRemoval, 'configure server', openIdRemovalPage),
  onServer('post', admin.openIdRemoval, 'configure server', openIdRemovalSubmitted),
  onServer('get', admin.groupRoles, 'configure server', groupRolesPage),
  onServer('post', admin.groupRoles, 'configure server', groupRoleSubmitted),
  onServer('get', admin.groupRoleRemoval(':rule'), 'configure server', groupRoleRemovalPage),
  onServer('post', admin.groupRoleRemoval(':rule'), 'configure server', groupRoleRemovalSubmitted),

  onServer('get', admin.users, 'configure server', usersPage),
  onServer('get', admin.newUser, 'configure server', newUserPage),
  onServer('post', admin.users, 'configure server', newUserSubmitted),
  onServer('get', admin.user(user), 'configure server', userPage),
  onServer('get', admin.disabling(user), 'configure server', disablingPage),
  onServer('post', admin.disabling(user), 'configure server', disablingSubmitted),
  onServer('post', admin.enabling(user), 'configure server', enablingSubmitted),
  onServer('post', admin.unlocking(user), 'configure server', unlockingSubmitted),
  onServer('get', admin.secondFactorReset(user), 'configure server', secondFactorResetPage),
  onServer('post', admin.secondFactorReset(user), 'configure server', secondFactorResetSubmitted),
  onServer('post', admin.resetCode(user), 'configure server', resetCodeSubmitted),
  onServer('get', admin.passwordReset(user), 'configure server', passwordResetPage),
  onServer('post', admin.passwordReset(user), 'configure server', passwordResetSubmitted),
]
