import { scaleLinear, scaleUtc } from 'd3-scale'
import { area, curveStepAfter, line } from 'd3-shape'
import type { UsageDay } from '../../storage/usageHistory.ts'

const width = 760
const height = 220
const margin = { top: 12, right: 28, bottom: 24, left: 56 }

/** A chart as its template draws it: in the units of its box. */
export type UsageChart = {
  width: number
  height: number
  /** The ends of the axes, and their marks. */
  plot: { left: number; right: number; top: number; bottom: number }
  inUse: string
  inUseLine: string
  purchased: string
  across: { x: number; words: string }[]
  up: { y: number; words: string }[]
  last: { x: number; y: number }
}

const monthAndDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const monthAndYear = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' })
const compact = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 })

/** Draws what was in use under what was purchased, day by day; undefined where there are too few days for a line. */
export function drawUsage(days: UsageDay[]): UsageChart | undefined {
  if (days.length < 2) return undefined
  const plot = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom }
  const at = (day: UsageDay) => new Date(day.day)
  const x = scaleUtc([at(days[0]!), at(days.at(-1)!)], [plot.left, plot.right])
  const most = Math.max(1, ...days.map(day => Math.max(day.inUse, day.purchased)))
  const y = scaleLinear([0, most], [plot.bottom, plot.top]).nice(4)
  const isLong = days.length > 120
  const filled = area<UsageDay>(
    day => x(at(day)),
    plot.bottom,
    day => y(day.inUse),
  )
  const drawn = line<UsageDay>(
    day => x(at(day)),
    day => y(day.inUse),
  )
  const steps = line<UsageDay>(
    day => x(at(day)),
    day => y(day.purchased),
  ).curve(curveStepAfter)
  const last = days.at(-1)!
  return {
    width,
    height,
    plot,
    inUse: filled.digits(1)(days)!,
    inUseLine: drawn.digits(1)(days)!,
    purchased: steps.digits(1)(days)!,
    across: x.ticks(6).map(tick => ({ x: x(tick), words: (isLong ? monthAndYear : monthAndDay).format(tick) })),
    up: y
      .ticks(4)
      .filter(Number.isInteger)
      .map(tick => ({ y: y(tick), words: compact.format(tick) })),
    last: { x: x(at(last)), y: y(last.inUse) },
  }
}
