import type { Column } from '../../rules/tables.ts'
import type { Db } from '../../storage/db.ts'
import type { Listing } from '../../storage/listings/listing.ts'
import type { Scope } from '../../storage/pages/scope.ts'

/** A filter of a report beside its text and its Local Virtual Account; the first choice is what nobody asked for. */
export type ReportFilter = { name: string; words: string; choices: [value: string, words: string][] }

/** What is asked of a report, by the names of its filters; every value is one that `readReportQuestion` let through. */
export type ReportQuestion = { search: string; place: number | undefined; chosen: Record<string, string> }

/**
 * A report: what it tells, what it can be narrowed by, its columns, and the list behind it. It is the same for the page, the file, the mail and the
 * API. `words` says what it is for, in a sentence.
 */
export type Report<Row = unknown> = {
  name: string
  title: string
  words: string
  sign: string
  /** What its text is looked for in. */
  searched: string
  filters: ReportFilter[]
  columns: Column<Row>[]
  list(db: Db, scope: Scope, question: ReportQuestion, now: Date): Listing<Row>
}

/** What stands for a question in an address, in a schedule or in a call: only what is not empty. */
export const writtenQuestion = ({ search, place, chosen }: ReportQuestion): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ search, place: place === undefined ? '' : String(place), ...chosen }).filter(([, value]) => value !== ''),
  )

const readPlace = (text: string | undefined) => {
  const place = Number(text)
  return Number.isInteger(place) && place > 0 && place < 2 ** 31 ? place : undefined
}

/** Reads a question from wherever it stands; what a report does not know is as if it were not there. */
export function readReportQuestion(report: Report, given: Record<string, string | undefined>): ReportQuestion {
  const chosen = report.filters.map(({ name, choices }) => {
    const known = choices.find(([value]) => value === given[name]) ?? choices[0]!
    return [name, known[0]]
  })
  return {
    search: (given.search ?? '').replaceAll('\0', '').trim().slice(0, 100),
    place: readPlace(given.place),
    chosen: Object.fromEntries(chosen),
  }
}
