import type { Spread } from './pairs.ts'
import type { Figure } from './works/work.ts'

export const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2))
export const spread = ({ median, least, most }: Spread): string => `${number(median)} (${number(least)}–${number(most)})`

type Column = [head: string, value: (figure: Figure) => string | number]

const fact =
  (name: string) =>
  ({ facts }: Figure) =>
    facts[name] ?? ''

/** What every figure of the table has, where its work could tell it. */
const columns: Column[] = [
  ['work', ({ name }) => name],
  ['median', ({ work }) => number(work.median)],
  ['yardstick', ({ yardstick }) => (yardstick ? number(yardstick.median) : '')],
  ['ratio', ({ ratio }) => (ratio ? ratio.median.toFixed(2) : '')],
  ['to reach', ({ goal }) => goal],
  ['a second', fact('products a second')],
  ['p50', fact('p50 in ms')],
  ['p95', fact('p95 in ms')],
  ['p99', fact('p99 in ms')],
  ['server µs', fact('µs of server CPU each')],
  ['database µs', fact('µs of database CPU each')],
  ['server MB', fact('server memory in MB')],
  ['database MB', fact('database memory in MB')],
]

/** All figures of a run in one table. */
export function tableOf(figures: Figure[]): string {
  const rows = [columns.map(([head]) => head), ...figures.map(figure => columns.map(([, value]) => String(value(figure))))]
  const widths = columns.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
