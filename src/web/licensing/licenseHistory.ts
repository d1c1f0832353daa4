import { day, isoDay, later } from '../../rules/clock.ts'
import { forecastShortage, leastDays } from '../../rules/forecast.ts'
import type { Column, FileKind } from '../../rules/tables.ts'
import { findLicenseHistory } from '../../storage/pages/licenseDetail.ts'
import type { UsageDay, UsageSpan } from '../../storage/usageHistory.ts'
import { show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { sendFile } from './files.ts'
import { getLicense } from './license.ts'
import { drawUsage } from './usageChart.ts'

const view = { page: 'licensing/licenses/history.njk', fragment: 'licensing/licenses/_history.njk' }
/** "kept for two years". */
const ranges = [90, 365, 730] as const
const forecastDays = 90

/** So many days up to today. */
export const daysUntil = (now: Date, days: number): UsageSpan => ({ from: isoDay(later(now, -(days - 1) * day)), to: isoDay(now) })

const rangeOf = (visit: AccountVisit) => ranges.find(range => String(range) === queried(visit, 'days')) ?? ranges[0]

const getHistory = (visit: AccountVisit, range: number) =>
  getLicense(visit, (db, scope, tagId) => findLicenseHistory(db, scope, tagId, daysUntil(visit.now, range)))

/** How a license was used day by day, and when it runs short if that goes on. */
export async function licenseHistoryPage(visit: AccountVisit): Promise<void> {
  const range = rangeOf(visit)
  const { usage: days, ...license } = await getHistory(visit, range)
  const supplies = license.lots.map(lot => ({ ...lot, quantity: lot.shares.reduce((sum, share) => sum + share.quantity, 0) }))
  const forecast = forecastShortage(days.slice(-forecastDays), supplies, license.inUse, visit.now)
  show(visit, view, { license, days, range, ranges, forecast, leastDays, chart: drawUsage(days) })
}

const columns: Column<UsageDay>[] = [
  { heading: 'Day', name: 'day', value: row => row.day },
  { heading: 'Purchased', name: 'purchased', value: row => row.purchased },
  { heading: 'In use', name: 'inUse', value: row => row.inUse },
  { heading: 'Short', name: 'short', value: row => row.short },
]

/** The same as a file. */
export const licenseHistoryFile =
  (kind: FileKind) =>
  async (visit: AccountVisit): Promise<void> => {
    const { tagId, usage } = await getHistory(visit, rangeOf(visit))
    async function* batches() {
      yield usage
    }
    await sendFile(visit, kind, `usage-${tagId}`, columns, batches())
  }
