import type { Json } from '../appliance/actions/action.ts'
import { plain } from './plain.ts'

/** What a piece of text means; the theme gives it a colour, where there are colours. */
export type Tone = 'plain' | 'quiet' | 'title' | 'good' | 'warning' | 'bad'
export type Piece = { text: string; tone: Tone }
export type Line = Piece[]

export const line = (text: string, tone: Tone = 'plain'): Line => [{ text, tone }]
export const textOf = (pieces: Line): string => pieces.map(({ text }) => text).join('')

const good = /^(active|running|done|passed|ready|whole|enabled|yes|in compliance|synchronized)$/
const bad = /^(failed|lost|critical|no|refused|expired|unreachable)$/
const warning = /^(inactive|degraded|activating|deactivating|major|skipped|minor|overdue|due)$/

/** Lines for an answer that is drawn nowhere specially: names and values, tables where a list of things stands, in as many columns as there are. */
export function formatAnswer(answer: Json, width: number): Line[] {
  if (answer === null || answer === undefined) return [line('Done.', 'good')]
  if (typeof answer !== 'object') return textLines(wordOf('', answer), width)
  if (Array.isArray(answer)) return formatList('', answer, width)
  return formatObject(answer, width, '')
}

function formatObject(object: { [name: string]: Json | undefined }, width: number, indent: string): Line[] {
  const entries = Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  const room = 2 * (width - indent.length - 24)
  const isBlock = (name: string, value: Json) =>
    typeof value === 'string' ? value.includes('\n') : typeof value === 'object' && value !== null && !isSmall(name, value, room)
  const inline = entries.filter(([name, value]) => !isBlock(name, value))
  const label = Math.min(Math.max(...inline.map(([name]) => titleOf(name).length), 0), 22)
  const rows = inline.flatMap(([name, value]) => pair(titleOf(name), wordOf(name, value), label, width, indent, toneOf(name, value)))
  const blocks = entries
    .filter(([name, value]) => isBlock(name, value))
    .flatMap(([name, value]) => {
      const heading = line(`${indent}${titleOf(name)}`, 'title')
      if (typeof value === 'string') return [line(''), heading, ...textLines(value, width)]
      // The only thing that was asked for needs no title.
      if (Array.isArray(value))
        return entries.length === 1 ? formatList(name, value, width) : [line(''), heading, ...formatList(name, value, width)]
      return [line(''), heading, ...formatObject(value as { [name: string]: Json }, width, `${indent}  `)]
    })
  const all = [...rows, ...blocks]
  return all[0] && textOf(all[0]) === '' ? all.slice(1) : all
}

/** A handful of plain values is read sooner in one row than as a block of its own. */
const isSmall = (name: string, value: object, room: number) =>
  !Array.isArray(value) &&
  Object.values(value).every(each => typeof each !== 'object' || each === null) &&
  wordOf(name, value as Json).length <= room

function pair(name: string, value: string, label: number, width: number, indent: string, tone: Tone): Line[] {
  const room = Math.max(10, width - indent.length - label - 2)
  return wrapped(value, room).map((text, at) => [
    { text: `${indent}${at === 0 ? name.padEnd(label) : ''.padEnd(label)}  `, tone: 'quiet' },
    { text, tone },
  ])
}

function formatList(name: string, list: Json[], width: number): Line[] {
  if (list.length === 0) return [line(name === 'lines' ? 'Nothing is there.' : 'None.', 'quiet')]
  const isRow = (value: Json): value is { [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!list.every(isRow)) return list.flatMap(value => textLines(wordOf(name, value), width))
  return formatTable(list, width)
}

/**
 * A table, as long as it fits, with times to the minute where those to the second are too wide; else each row as a little list of its own, which no
 * terminal is too narrow for.
 */
const formatTable = (rows: Row[], width: number): Line[] =>
  tableThatFits(rows, width, timeOf, '') ??
  tableThatFits(rows, width, iso => timeOf(iso).slice(0, 16), ' (UTC)') ??
  rows.flatMap((row, at) => [...(at > 0 ? [line('')] : []), ...formatObject(pruned(row), width, '')])

type Row = { [name: string]: Json }

/** `time`: how a time is written; `zone`: what is said of it at the head of its column. */
function tableThatFits(rows: Row[], width: number, time: (iso: string) => string, zone: string): Line[] | undefined {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(name =>
    rows.some(row => row[name] !== null && row[name] !== undefined),
  )
  const cell = (row: Row, name: string) => (isTime(row[name]) ? time(row[name]) : wordOf(name, row[name] ?? null))
  const title = (name: string) => titleOf(name) + (rows.some(row => isTime(row[name])) ? zone : '')
  const widths = names.map(name => Math.max(title(name).length, ...rows.map(row => cell(row, name).length)))
  const isNumber = names.map(name => rows.every(row => typeof row[name] === 'number' || row[name] === null))
  const last = widths.length - 1
  const fixed = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0)
  const fits = fixed + Math.min(widths[last]!, isNumber[last] ? widths[last]! : 20) <= width
  if (!fits) return undefined
  const room = width - fixed
  const aligned = (text: string, at: number) =>
    at === last && !isNumber[at] ? text : isNumber[at] ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)
  const head: Line = [{ text: names.map((name, at) => aligned(title(name), at)).join('  '), tone: 'quiet' }]
  const body = rows.flatMap(row => {
    const [first, ...more] = wrapped(cell(row, names[last]!), isNumber[last] ? widths[last]! : room)
    const pieces = names.map((name, at) => ({
      text: aligned(at === last ? first! : cell(row, name), at) + (at === last ? '' : '  '),
      tone: toneOf(name, row[name] ?? null),
    }))
    return [pieces, ...more.map(text => line(' '.repeat(fixed) + text))]
  })
  return [head, ...body]
}

const pruned = (row: Row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

/** `createdAt` and `keep_daily` as people write them. */
export const titleOf = (name: string): string => {
  const words = plain(name)
    .replace(/(Bytes)$/, '')
    .replace(/^bytes$/, 'size')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/ at$/, '')
}

function wordOf(name: string, value: Json): string {
  if (value === null) return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return /bytes$/i.test(name) ? sizeOf(value) : String(value)
  if (typeof value === 'string') return isTime(value) ? timeOf(value) : plain(value)
  if (Array.isArray(value)) return value.map(each => wordOf(name, each)).join(', ')
  return plain(
    Object.entries(value)
      .map(([key, each]) => `${titleOf(key).toLowerCase()} ${wordOf(key, each ?? null)}`)
      .join(', '),
  )
}

function toneOf(name: string, value: Json): Tone {
  if (typeof value === 'boolean') return 'plain'
  if (typeof value !== 'string') return 'plain'
  if (!/^(state|outcome|severity|standing|unreachable)$/.test(name)) return 'plain'
  if (name === 'unreachable') return 'bad'
  return good.test(value) ? 'good' : bad.test(value) ? 'bad' : warning.test(value) ? 'warning' : 'plain'
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

export function sizeOf(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`
}

const isTime = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)

/** To the second, in UTC, as all times of the product. */
export const timeOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`

/** Text cut to a width, all of it in one tone. */
export const textLines = (text: string, width: number, tone: Tone = 'plain'): Line[] =>
  plain(text)
    .split('\n')
    .flatMap(each => wrapped(each, width))
    .map(each => line(each, tone))

/** Cuts text at spaces into pieces of at most `width`; a word that is longer is cut where it must be. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (let rest = text; ; ) {
    if (rest.length <= width) return [...lines, rest]
    const space = rest.lastIndexOf(' ', width)
    const at = space > width / 3 ? space : width
    lines.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
}
