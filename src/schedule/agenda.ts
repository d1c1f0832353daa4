import { mailAlerts } from '../administration/alerts/mailAlerts.ts'
import { watchBackups } from '../administration/backup/takeDueBackup.ts'
import { watchTrustStore } from '../administration/network/watchTrustStore.ts'
import { watchPair } from '../administration/pair/watchPair.ts'
import { disableInactiveUsers } from '../administration/security/disableInactiveUsers.ts'
import { pruneTrail, sealTrail } from '../administration/trail/sealTrail.ts'
import type { Context } from '../context.ts'
import { expireProductInstances } from '../licensing/expireProductInstances.ts'
import { recountPurchased } from '../licensing/settleAuthorizations.ts'
import { settleLicensingAlerts } from '../licensing/settleLicensingAlerts.ts'
import { day, hour, isoDay, later, minute } from '../rules/clock.ts'
import { pollResultLife, replayMemory, tombstoneLife, trailMemory, trailSealed } from '../rules/lifetimes.ts'
import { deleteApiTokensBefore } from '../storage/apiTokens.ts'
import { deleteFruitlessConversions } from '../storage/conversions.ts'
import type { Db } from '../storage/db.ts'
import { listAccountsWithLotsTurning } from '../storage/entitlements.ts'
import { deleteBatchesBefore } from '../storage/instanceBatches.ts'
import { listLocalAccounts } from '../storage/localAccounts.ts'
import { deleteMailsBefore } from '../storage/mails.ts'
import { deleteNoticesBefore } from '../storage/notices.ts'
import { deletePollsBefore } from '../storage/polls.ts'
import { deleteRepliesBefore } from '../storage/replies.ts'
import { deleteSessionsBefore } from '../storage/sessions.ts'
import { deleteTombstonesBefore } from '../storage/tombstones.ts'
import { forgetUsage, recordUsage } from '../storage/usageHistory.ts'
import { settleSynchronizationAlerts } from '../synchronization/settleSynchronizationAlerts.ts'

/** Longer than an account can live without a synchronization: its mails are its memory of what was told. */
const mailMemory = 400 * day
/** How long it can be seen what a receiver was told. */
const noticeMemory = 30 * day
/** "a compact daily record …, kept for two years" (usage history). */
const historyMemory = 730 * day
/** What came of a batch is looked up for a while; what it did stands in the event log. */
const batchMemory = 30 * day

/** Something that falls due by itself. `work` runs in the transaction that claims it; `since` is when it was last done. */
export type AgendaEntry = {
  name: string
  every: number
  work(tx: Db, times: { since: Date; now: Date }, context: Context): Promise<unknown>
}

/** What falls due, in English. */
export const agenda: AgendaEntry[] = [
  {
    name: 'Settle the accounts in which a lot began or ended',
    every: minute,
    work: async (tx, { since, now }) => {
      for (const localAccountId of await listAccountsWithLotsTurning(tx, since, now)) await recountPurchased(tx, localAccountId, now)
    },
  },
  {
    name: 'Free the licenses of instances whose ID certificate has ended',
    every: 10 * minute,
    work: (tx, { now }) => expireProductInstances(tx, now),
  },
  {
    name: 'Forget replies that no retransmission can ask for',
    every: 10 * minute,
    work: (tx, { now }) => deleteRepliesBefore(tx, later(now, -replayMemory)),
  },
  { name: 'Forget the results of polls', every: hour, work: (tx, { now }) => deletePollsBefore(tx, later(now, -pollResultLife)) },
  { name: 'Forget conversions that brought nothing', every: hour, work: (tx, { now }) => deleteFruitlessConversions(tx, now) },
  {
    name: 'Forget the tombstones of removed instances',
    every: day,
    work: (tx, { now }) => deleteTombstonesBefore(tx, later(now, -tombstoneLife)),
  },
  {
    name: 'Raise and clear the alerts of synchronization',
    every: 10 * minute,
    work: async (tx, { now }) => settleSynchronizationAlerts(tx, await listLocalAccounts(tx), now),
  },
  {
    name: 'Raise and clear the alerts of licenses that end and of product instances that are silent',
    every: hour,
    work: (tx, { now }) => settleLicensingAlerts(tx, now),
  },
  {
    name: 'Warn of authorities of the trust store that end',
    every: 10 * minute,
    work: (tx, { now }) => watchTrustStore(tx, now),
  },
  {
    name: 'Look how the pair is',
    every: minute,
    work: (tx, { now }, context) => watchPair(tx, now, context),
  },
  { name: 'Take down what is purchased and in use', every: hour, work: (tx, { now }) => recordUsage(tx, isoDay(now)) },
  {
    name: 'Forget what was in use two years ago',
    every: day,
    work: (tx, { now }) => forgetUsage(tx, isoDay(later(now, -historyMemory))),
  },
  { name: 'Tell people of alerts by mail, as they have asked', every: minute, work: (tx, { now }) => mailAlerts(tx, now) },
  {
    name: 'Forget what was done to many product instances long ago',
    every: day,
    work: (tx, { now }) => deleteBatchesBefore(tx, later(now, -batchMemory)),
  },
  { name: 'Forget mail that was sent long ago', every: day, work: (tx, { now }) => deleteMailsBefore(tx, later(now, -mailMemory)) },
  {
    name: 'Forget what receivers were told long ago',
    every: day,
    work: (tx, { now }) => deleteNoticesBefore(tx, later(now, -noticeMemory)),
  },
  {
    name: 'See whether backups are as old as their schedule lets them be',
    every: 10 * minute,
    work: (tx, { now }) => watchBackups(tx, now),
  },
  { name: 'Disable users who have been away too long', every: hour, work: (tx, { now }) => disableInactiveUsers(tx, now) },
  { name: 'Seal the end of the trail', every: trailSealed, work: (tx, { now }, { secrets }) => sealTrail(tx, secrets, now) },
  {
    name: 'Prune what the trail has kept long enough',
    every: day,
    work: (tx, { now }, { secrets }) => pruneTrail(tx, secrets, { now, before: later(now, -trailMemory) }),
  },
  { name: 'Forget sessions that have ended', every: hour, work: (tx, { now }) => deleteSessionsBefore(tx, later(now, -day)) },
  { name: 'Forget access tokens that have ended', every: hour, work: (tx, { now }) => deleteApiTokensBefore(tx, now) },
]
