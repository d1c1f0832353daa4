import { fileKinds } from '../../rules/tables.ts'
import { paths } from '../paths.ts'
import { inAccount, placeInField, type Route, wholeAccount } from '../route.ts'
import { accessApprovalPage, accessApproved, accessRefusalPage, accessRefused, accessRequestsPage } from './accessRequests.ts'
import { accountPage, accountRoleRemoved, accountRoleSubmitted } from './account.ts'
import { alertMailPage, alertMailSubmitted } from './alertMail.ts'
import { alertDismissed, alertPutOff, alertReopened, alertsPage, dismissalPage, placeOfAlert, reminderPage } from './alerts.ts'
import { batchPage, batchRemovalPage, batchRemovalSubmitted, batchStopped, batchTransferPage, batchTransferSubmitted } from './batches.ts'
import { eventsFile, eventsPage } from './events.ts'
import { licenseEventsPage, licenseInstancesPage, licensePage } from './license.ts'
import { licenseHistoryFile, licenseHistoryPage } from './licenseHistory.ts'
import { licensesPage } from './licenses.ts'
import { licensesFile } from './licensesFile.ts'
import { transferPage, transferReviewPage, transferSubmitted } from './licenseTransfer.ts'
import {
  deletionPage,
  deletionSubmitted,
  localVirtualAccountPage,
  localVirtualAccountSubmitted,
  localVirtualAccountsPage,
  newLocalVirtualAccountPage,
  newLocalVirtualAccountSubmitted,
} from './localVirtualAccounts.ts'
import { overviewPage } from './overview.ts'
import { preflightPage, productConfigurationPage } from './productConfiguration.ts'
import { placeOfInstance, productInstancePage, removalPage, removalSubmitted } from './productInstance.ts'
import { productInstancesPage } from './productInstances.ts'
import { productInstancesFile } from './productInstancesFile.ts'
import {
  newTokenPage,
  newTokenSubmitted,
  placeOfToken,
  revocationPage,
  revocationSubmitted,
  tokenSecretPage,
  tokensPage,
} from './registrationTokens.ts'
import { activityPage, conversionsPage, reportFile, reportPage, reportPrintPage } from './report.ts'
import { newReportSchedulePage, reportScheduleEnded, reportScheduleEndPage, reportScheduleSubmitted, reportsPage } from './reports.ts'
import { instanceRemovalPage, instanceRemovalSubmitted, instanceTransferPage, instanceTransferSubmitted } from './someInstances.ts'

const { licensing } = paths
const account = ':localAccount'
const tag = ':tag'
const alert = ':alert'
const instance = ':instance'
const token = ':token'
const virtualAccount = ':virtualAccount'
const report = ':report'
const schedule = ':schedule'
const request = ':request'
const batch = ':batch'

/** The Licensing workspace's part of the site map. */
export const licensingRoutes: Route[] = [
  inAccount('get', licensing.overview(account), 'see licenses', overviewPage),

  inAccount('get', licensing.alerts(account), 'see licenses', alertsPage),
  inAccount('get', licensing.alertMail(account), 'see licenses', alertMailPage),
  inAccount('post', licensing.alertMail(account), 'see licenses', alertMailSubmitted),
  inAccount('get', licensing.alertReminder(account, alert), 'answer alerts', reminderPage, placeOfAlert),
  inAccount('post', licensing.alertReminder(account, alert), 'answer alerts', alertPutOff, placeOfAlert),
  inAccount('get', licensing.alertDismissal(account, alert), 'answer alerts', dismissalPage, placeOfAlert),
  inAccount('post', licensing.alertDismissal(account, alert), 'answer alerts', alertDismissed, placeOfAlert),
  inAccount('post', licensing.alertReopening(account, alert), 'answer alerts', alertReopened, placeOfAlert),

  inAccount('get', licensing.licenses(account), 'see licenses', licensesPage),
  ...fileKinds.map(kind => inAccount('get', licensing.licensesFile(account, kind), 'see licenses', licensesFile(kind))),
  inAccount('get', licensing.license(account, tag), 'see licenses', licensePage),
  inAccount('get', licensing.licenseInstances(account, tag), 'see licenses', licenseInstancesPage),
  inAccount('get', licensing.licenseHistory(account, tag), 'see licenses', licenseHistoryPage),
  ...fileKinds.map(kind => inAccount('get', licensing.licenseHistoryFile(account, tag, kind), 'see licenses', licenseHistoryFile(kind))),
  inAccount('get', licensing.licenseEvents(account, tag), 'see licenses', licenseEventsPage),

  inAccount('get', licensing.productInstances(account), 'see licenses', productInstancesPage),
  ...fileKinds.map(kind => inAccount('get', licensing.productInstancesFile(account, kind), 'see licenses', productInstancesFile(kind))),
  inAccount('get', licensing.instanceTransfer(account), 'transfer licenses', instanceTransferPage),
  inAccount('post', licensing.instanceTransfer(account), 'transfer licenses', instanceTransferSubmitted),
  inAccount('get', licensing.instanceRemoval(account), 'remove instances', instanceRemovalPage),
  inAccount('post', licensing.instanceRemoval(account), 'remove instances', instanceRemovalSubmitted),
  inAccount('get', licensing.productInstance(account, instance), 'see licenses', productInstancePage),
  inAccount('get', licensing.productInstanceRemoval(account, instance), 'remove instances', removalPage),
  inAccount('post', licensing.productInstanceRemoval(account, instance), 'remove instances', removalSubmitted, placeOfInstance),

  inAccount('get', licensing.batchTransfer(account), 'transfer licenses', batchTransferPage),
  inAccount('post', licensing.batchTransfer(account), 'transfer licenses', batchTransferSubmitted),
  inAccount('get', licensing.batchRemoval(account), 'remove instances', batchRemovalPage),
  inAccount('post', licensing.batchRemoval(account), 'remove instances', batchRemovalSubmitted),
  inAccount('get', licensing.batch(account, batch), 'see licenses', batchPage),
  inAccount('post', licensing.batchStop(account, batch), 'see licenses', batchStopped),

  inAccount('get', licensing.licenseTransfer(account), 'transfer licenses', transferPage),
  inAccount('get', licensing.licenseTransferReview(account), 'transfer licenses', transferReviewPage),
  inAccount('post', licensing.licenseTransfer(account), 'transfer licenses', transferSubmitted, placeInField('from')),

  inAccount('get', licensing.virtualAccounts(account), 'see licenses', localVirtualAccountsPage),
  inAccount('get', licensing.newVirtualAccount(account), 'manage account', newLocalVirtualAccountPage, wholeAccount),
  inAccount('post', licensing.virtualAccounts(account), 'manage account', newLocalVirtualAccountSubmitted, wholeAccount),
  inAccount('get', licensing.virtualAccount(account, virtualAccount), 'manage account', localVirtualAccountPage, wholeAccount),
  inAccount('post', licensing.virtualAccount(account, virtualAccount), 'manage account', localVirtualAccountSubmitted, wholeAccount),
  inAccount('get', licensing.virtualAccountDeletion(account, virtualAccount), 'manage account', deletionPage, wholeAccount),
  inAccount('post', licensing.virtualAccountDeletion(account, virtualAccount), 'manage account', deletionSubmitted, wholeAccount),

  inAccount('get', licensing.tokens(account), 'manage tokens', tokensPage),
  inAccount('get', licensing.newToken(account), 'manage tokens', newTokenPage),
  inAccount('post', licensing.tokens(account), 'manage tokens', newTokenSubmitted, placeInField('localVirtualAccount')),
  inAccount('get', licensing.productConfiguration(account), 'manage tokens', productConfigurationPage),
  inAccount('get', licensing.preflight(account), 'manage tokens', preflightPage),
  inAccount('get', licensing.tokenSecret(account, token), 'manage tokens', tokenSecretPage),
  inAccount('get', licensing.tokenRevocation(account, token), 'manage tokens', revocationPage),
  inAccount('post', licensing.tokenRevocation(account, token), 'manage tokens', revocationSubmitted, placeOfToken),

  inAccount('get', licensing.reports(account), 'see licenses', reportsPage),
  ...fileKinds.map(kind => inAccount('get', licensing.reportFile(account, report, kind), 'see licenses', reportFile(kind))),
  inAccount('get', licensing.report(account, report), 'see licenses', reportPage),
  inAccount('get', licensing.reportPrint(account, report), 'see licenses', reportPrintPage),
  inAccount('get', licensing.newReportSchedule(account, report), 'see licenses', newReportSchedulePage),
  inAccount('post', licensing.reportSchedules(account, report), 'see licenses', reportScheduleSubmitted),
  inAccount('get', licensing.reportScheduleEnd(account, schedule), 'see licenses', reportScheduleEndPage),
  inAccount('post', licensing.reportScheduleEnd(account, schedule), 'see licenses', reportScheduleEnded),

  inAccount('get', licensing.conversions(account), 'see licenses', conversionsPage),
  inAccount('get', licensing.activity(account), 'see licenses', activityPage),

  inAccount('get', licensing.account(account), 'manage account', accountPage, wholeAccount),
  inAccount('post', licensing.accountRoles(account), 'manage account', accountRoleSubmitted, wholeAccount),
  inAccount('post', licensing.accountRoleRemoval(account), 'manage account', accountRoleRemoved, wholeAccount),

  inAccount('get', licensing.accessRequests(account), 'manage account', accessRequestsPage, wholeAccount),
  inAccount('get', licensing.accessApproval(account, request), 'manage account', accessApprovalPage, wholeAccount),
  inAccount('post', licensing.accessApproval(account, request), 'manage account', accessApproved, wholeAccount),
  inAccount('get', licensing.accessRefusal(account, request), 'manage account', accessRefusalPage, wholeAccount),
  inAccount('post', licensing.accessRefusal(account, request), 'manage account', accessRefused, wholeAccount),

  ...fileKinds.map(kind => inAccount('get', licensing.eventsFile(account, kind), 'see licenses', eventsFile(kind))),
  inAccount('get', licensing.events(account), 'see licenses', eventsPage),
]
