import { accountStanding } from '../../rules/accounts.ts'
import { daysBetween } from '../../rules/clock.ts'
import { synchronizationExpiresAt } from '../../rules/synchronization.ts'
import { findAccountOverview } from '../../storage/pages/accountOverview.ts'
import { show } from '../render.ts'
import type { AccountVisit } from '../visit.ts'
import { daysUntil } from './licenseHistory.ts'
import { scopeOf } from './list.ts'
import { drawUsage } from './usageChart.ts'

const view = { page: 'licensing/overview/index.njk', fragment: 'licensing/overview/_overview.njk' }

/** The Overview of an account: what stands well, what does not, what ends soon, and what to do first. */
export async function overviewPage(visit: AccountVisit): Promise<void> {
  const { account, now } = visit
  const overview = await findAccountOverview(visit.context.storage.pages, scopeOf(visit), daysUntil(now, 90), now)
  const last = account.lastSynchronizedAt
  const expiresAt = last && synchronizationExpiresAt(last)
  show(visit, view, {
    overview,
    days: overview.usage,
    chart: drawUsage(overview.usage),
    standing: accountStanding(account, now),
    expiresAt,
    expiresInDays: expiresAt && daysBetween(now, expiresAt),
    ends: overview.ends.map(end => ({ ...end, days: daysBetween(now, end.endsAt) })),
  })
}
