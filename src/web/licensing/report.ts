import { findReport } from '../../licensing/reports/catalog.ts'
import { type Report, type ReportQuestion, readReportQuestion, writtenQuestion } from '../../licensing/reports/report.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Cell, FileKind } from '../../rules/tables.ts'
import { partsOf } from '../../storage/listings/listing.ts'
import { decodeCursor, encodeCursor } from '../../storage/pages/keyset.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { narrowed, type Scope } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { show } from '../render.ts'
import { type AccountVisit, parameter, queried } from '../visit.ts'
import { sendFile } from './files.ts'
import { addressOf, scopeOf } from './list.ts'

const view = { page: 'licensing/reports/report.njk', fragment: 'licensing/reports/_preview.njk' }
const printView = { page: 'licensing/reports/print.njk', fragment: 'licensing/reports/print.njk' }

/** A preview shows the beginning of what a file has whole. */
const previewRows = 50
/** More than this nobody prints: some thirty pages. */
const printRows = 1000

/** A report that is asked for, with its filters as the address has them. */
export type AskedReport = { report: Report; question: ReportQuestion; narrow: Scope; asked: Record<string, string> }

/** Reads it from the address. Refuses a report that there is not. */
export function getReport(
  visit: AccountVisit,
  given: (name: string) => string | undefined = name => queried(visit, name),
  reportName = parameter(visit, 'report'),
): AskedReport {
  const report = findReport(reportName)
  refuseUnless(report, 'NOT_FOUND', 'There is no such report.')
  const names = ['search', 'place', ...report.filters.map(({ name }) => name)]
  const question = readReportQuestion(report, Object.fromEntries(names.map(name => [name, given(name)])))
  return { report, question, narrow: narrowed(scopeOf(visit), question.place), asked: writtenQuestion(question) }
}

/** A cell as a template shows it: what it is decides how. */
const shownCell = (value: Cell) => {
  if (value === null || value === '') return { kind: 'nothing' }
  if (value instanceof Date) return { kind: 'time', value }
  return { kind: typeof value === 'number' ? 'number' : 'text', value }
}

/** So many rows of a report as cells, under the headings of its columns; and where the next ones begin. */
async function readRows(visit: AccountVisit, { report, question, narrow }: AskedReport, size: number) {
  const list = report.list(visit.context.storage.pages, narrow, question, visit.now)
  const after = decodeCursor(queried(visit, 'after'), list.columns)
  const found = await list.read({ size, offset: 0, after })
  const rows = found.slice(0, size)
  const cells = rows.map(row => report.columns.map(column => shownCell(column.value(row))))
  const isNumber = (index: number) => cells.some(row => row[index]!.kind === 'number')
  return {
    columns: report.columns.map(({ heading, name }, index) => ({ heading, isNumber: isNumber(index), isTag: name === 'tag' })),
    rows: cells,
    isFirst: after === undefined,
    next: found.length > size ? encodeCursor(list.cursorOf(rows.at(-1))) : undefined,
  }
}

/** A report with its filters, and the beginning of what it says, as it is shown under an address. */
async function reportModel(visit: AccountVisit, asked: AskedReport, path: string) {
  const { uuid } = visit.account
  const { name } = asked.report
  const [table, places] = await Promise.all([readRows(visit, asked, previewRows), listPlaces(visit.context.storage.pages, scopeOf(visit))])
  const list = {
    path,
    asked: asked.asked,
    filtered: Object.keys(asked.asked).length > 0,
    without: (filter: string) => addressOf(path, { ...asked.asked, [filter]: '' }),
    address: addressOf(path, { ...asked.asked, after: queried(visit, 'after') ?? '' }),
    first: addressOf(path, asked.asked),
    next: table.next && addressOf(path, { ...asked.asked, after: table.next }),
    file: (kind: string) => addressOf(paths.licensing.reportFile(uuid, name, kind), asked.asked),
    print: addressOf(paths.licensing.reportPrint(uuid, name), asked.asked),
    schedule: addressOf(paths.licensing.newReportSchedule(uuid, name), asked.asked),
  }
  return { ...asked, ...table, places, list }
}

/** A report. */
export async function reportPage(visit: AccountVisit): Promise<void> {
  const asked = getReport(visit)
  show(visit, view, await reportModel(visit, asked, paths.licensing.report(visit.account.uuid, asked.report.name)))
}

const standing = (name: string, path: (account: string) => string, page: string) => async (visit: AccountVisit) =>
  show(visit, { page, fragment: view.fragment }, await reportModel(visit, getReport(visit, undefined, name), path(visit.account.uuid)))

/** Convert: what products gave up of the time before smart licensing, in progress and decided. */
export const conversionsPage = standing('conversions', paths.licensing.conversions, 'licensing/conversions/index.njk')

/** Activity: the license transactions. */
export const activityPage = standing('transactions', paths.licensing.activity, 'licensing/activity/index.njk')

/** A report for paper: the table alone, with what it is and when it was made. */
export async function reportPrintPage(visit: AccountVisit): Promise<void> {
  const asked = getReport(visit)
  const back = addressOf(paths.licensing.report(visit.account.uuid, asked.report.name), asked.asked)
  const [table, places] = await Promise.all([readRows(visit, asked, printRows), listPlaces(visit.context.storage.pages, scopeOf(visit))])
  show(visit, printView, { ...asked, ...table, places, printRows, back, madeAt: visit.now })
}

/** A report, as it is filtered, as a file: all of it, written as it is read. */
export const reportFile =
  (kind: FileKind) =>
  (visit: AccountVisit): Promise<void> => {
    const { report, question, narrow } = getReport(visit)
    const list = report.list(visit.context.storage.pages, narrow, question, visit.now)
    return sendFile(visit, kind, report.name, report.columns, partsOf(list))
  }
