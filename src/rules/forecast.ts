import { day, later } from './clock.ts'

/** What was in use on a day, days in order. */
export type UsedOn = { day: string; inUse: number }

/** So much of a license that begins and may end. */
export type Supply = { quantity: number; startsAt: Date; endsAt: Date | null }

/** When a license runs short, if nothing changes but as it did: because more is used, or because something ends. */
export type Forecast = { on: Date; missing: number; because: 'growth' | 'end'; perMonth: number }

/** A trend needs this many days; fewer say nothing. */
export const leastDays = 14
/** Further ahead than a year a straight line is a guess. */
const horizon = 365

/** How much more is used each day, by the straight line that fits the days best (least squares); 0 where there are too few to say. */
export function growthPerDay(days: UsedOn[]): number {
  const [first] = days
  if (!first || days.length < leastDays) return 0
  const points = days.map(({ day: on, inUse }) => ({ x: (Date.parse(on) - Date.parse(first.day)) / day, y: inUse }))
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean('x'), mean('y')]
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread
}

/** What is purchased at a moment. */
const heldAt = (supplies: Supply[], at: Date) =>
  supplies.reduce((sum, { quantity, startsAt, endsAt }) => sum + (startsAt <= at && (endsAt === null || at < endsAt) ? quantity : 0), 0)

/**
 * "forecasts of when something runs short or ends": the first day within a year on which more would be in use than is held, if use goes on as in
 * `days` and lots begin and end as they are dated. Undefined where none is, and where it is short already: that is no forecast.
 */
export function forecastShortage(days: UsedOn[], supplies: Supply[], inUse: number, now: Date): Forecast | undefined {
  const held = heldAt(supplies, now)
  if (inUse > held || inUse === 0) return undefined
  const growth = Math.max(0, growthPerDay(days))
  for (let ahead = 1; ahead <= horizon; ahead++) {
    const on = later(now, ahead * day)
    const needed = Math.floor(inUse + growth * ahead)
    const then = heldAt(supplies, on)
    if (needed > then)
      return { on, missing: needed - then, because: then < held && needed <= held ? 'end' : 'growth', perMonth: Math.round(growth * 30) }
  }
  return undefined
}
