import type { Action, Caller, Profile } from './action.ts'
import { listBackups, scheduleBackups, takeBackup, verifyBackup } from './backups.ts'
import { importCertificate, requestCertificate, selfSigned, showCertificate } from './certificates.ts'
import { cloudTest, proxyTest } from './cloud.ts'
import { fetchRelease } from './fetchRelease.ts'
import { copy, dir, remove } from './files.ts'
import { haStatus, pairDeeds } from './highAvailability.ts'
import { attachToJob, listJobs } from './jobs.ts'
import { confirmNetwork, hostname, networkManager, showNetwork, undoNetwork } from './network.ts'
import { alerts, status, uptime, version } from './overview.ts'
import { password, resetAdministrator, unlock } from './people.ts'
import { reboot, shutdown } from './power.ts'
import { nslookup, ping, traceroute } from './reach.ts'
import { acceptRestore, restoreDatabase, undoRestore } from './restores.ts'
import { logs, restart, services } from './services.ts'
import { addSshKey, deleteSshKey, listSshKeys, ownSshKey } from './sshKeys.ts'
import { stigReport } from './stigReport.ts'
import { supportBundle } from './supportBundle.ts'
import { date, ntp, timezone } from './time.ts'
import { exportTrail, verifyTrail } from './trail.ts'
import { applyUpgrade, checkUpgrade, rollBack, upgradeHistory } from './upgrades.ts'

/** Every privileged deed there is. Nothing runs on the host that does not stand here; the menu has the order of this list. */
export const ledger: readonly Action[] = [
  status,
  version,
  alerts,
  uptime,
  services,
  restart,
  logs,
  supportBundle,
  takeBackup,
  listBackups,
  verifyBackup,
  scheduleBackups,
  restoreDatabase,
  acceptRestore,
  undoRestore,
  dir,
  copy,
  remove,
  fetchRelease,
  checkUpgrade,
  applyUpgrade,
  upgradeHistory,
  rollBack,
  haStatus,
  ...pairDeeds,
  networkManager,
  confirmNetwork,
  undoNetwork,
  showNetwork,
  hostname,
  ping,
  traceroute,
  nslookup,
  cloudTest,
  proxyTest,
  timezone,
  ntp,
  date,
  showCertificate,
  requestCertificate,
  importCertificate,
  selfSigned,
  password,
  resetAdministrator,
  unlock,
  addSshKey,
  listSshKeys,
  deleteSshKey,
  ownSshKey,
  verifyTrail,
  exportTrail,
  stigReport,
  reboot,
  shutdown,
  listJobs,
  attachToJob,
]

/** The deeds that a caller may ask for in a profile: the STIG profile is the same list, filtered. `actions`: another list, for tests. */
export const allowedTo = (caller: Caller, profile: Profile, actions = ledger): Action[] =>
  actions.filter(({ callers, profiles }) => callers.includes(caller) && profiles.includes(profile))
