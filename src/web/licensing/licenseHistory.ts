import { day, isoDay, later } from '../../rules/clock.ts'
import { forecastShortage, leastDays } from '../../rules/forecast.ts'
import { findLicenseDetail, findLicenseHead } from '../../storage/pages/licenseDetail.ts'
import { listUsageDays, type UsageDay } from '../../storage/usageHistory.ts'
import { show } from '../render.ts'
import { type AccountVisit, queried } from '../visit.ts'
import { type Column, type FileKind, sendFile } from './files.ts'
import { getLicense } from './license.ts'
import { scopeOf } from './list.ts'
import { drawUsage } from './usageChart.ts'

const view = { page: 'licensing/licenses/history.njk', fragment: 'licensing/licenses/_history.njk' }
/** "kept for two years". */
const ranges = [90, 365, 730] as const
const forecastDays = 90

/** The days up to today of one tag, or of all together. */
export const usageOf = (visit: AccountVisit, tagId: number, days: number): Promise<UsageDay[]> =>
  listUsageDays(visit.context.storage.pages, scopeOf(visit), tagId, {
    from: isoDay(later(visit.now, -(days - 1) * day)),
    to: isoDay(visit.now),
  })

const rangeOf = (visit: AccountVisit) => ranges.find(range => String(range) === queried(visit, 'days')) ?? ranges[0]

/** How a license was used day by day, and when it runs short if that goes on. */
export async function licenseHistoryPage(visit: AccountVisit): Promise<void> {
  const license = await getLicense(visit, findLicenseDetail)
  const range = rangeOf(visit)
  const days = await usageOf(visit, license.tagId, range)
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
    const license = await getLicense(visit, findLicenseHead)
    const days = await usageOf(visit, license.tagId, rangeOf(visit))
    async function* batches() {
      yield days
    }
    await sendFile(visit, kind, `usage-${license.tagId}`, columns, batches())
  }
