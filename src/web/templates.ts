import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'
import { assetPath } from './assets.ts'
import { tokenField, tokenHeader } from './csrf.ts'
import { paths } from './paths.ts'

const views = fileURLToPath(new URL('../../views', import.meta.url))
const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(views), {
  autoescape: true,
  trimBlocks: true,
  lstripBlocks: true,
  throwOnUndefined: false,
})

const grouped = new Intl.NumberFormat('en')
const rounded = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const justDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
const dash = '–'

/** A time as an element that the browser's script turns into local time; without it, it is right in UTC. */
function timeElement(date: Date | null | undefined, form: 'moment' | 'day'): nunjucks.runtime.SafeString | string {
  if (!date) return dash
  const utc = `${moment.format(date)} UTC`
  const text = form === 'day' ? justDay.format(date) : utc
  return new nunjucks.runtime.SafeString(`<time datetime="${date.toISOString()}" data-form="${form}" title="${utc}">${text}</time>`)
}

/** "12,345", and a dash for nothing. */
environment.addFilter('number', (value: number | null | undefined) =>
  value === null || value === undefined ? dash : grouped.format(value),
)
environment.addFilter('time', (date: Date | null | undefined) => timeElement(date, 'moment'))
environment.addFilter('day', (date: Date | null | undefined) => timeElement(date, 'day'))
/** "+12", "−12,345", "0": a balance, whose sign matters; with a minus as wide as the digits. */
environment.addFilter('signed', (value: number) =>
  value < 0 ? `−${grouped.format(-value)}` : value > 0 ? `+${grouped.format(value)}` : '0',
)
/** "1 product", "2 products". */
environment.addFilter('count', (value: number, one: string, many = `${one}s`) => `${grouped.format(value)} ${value === 1 ? one : many}`)
/** "9 MB", "1.9 GB", "252 GB". */
environment.addFilter('bytes', (bytes: number) => {
  const megabytes = bytes / 1024 ** 2
  return megabytes < 1000 ? `${grouped.format(Math.ceil(megabytes))} MB` : `${rounded.format(megabytes / 1024)} GB`
})
/** How much of a whole, in per cent: never less than nothing, never more than all. */
environment.addFilter('share', (part: number, whole: number) =>
  whole > 0 ? Math.round(Math.min(Math.max(part / whole, 0), 1) * 1000) / 10 : 0,
)
environment.addGlobal('paths', paths)
environment.addGlobal('asset', assetPath)
environment.addGlobal('tokenField', tokenField)
environment.addGlobal('tokenHeader', tokenHeader)

/** Fills a template of `views/`. Everything in `model` is escaped. */
export const fill = (template: string, model: object): string => environment.render(template, model)
