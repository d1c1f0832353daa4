import { z } from 'zod'
import { findReport, reports } from '../licensing/reports/catalog.ts'
import { readReportQuestion } from '../licensing/reports/report.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { asText, fileTypes, objectOf } from '../rules/tables.ts'
import { partsOf } from '../storage/listings/listing.ts'
import { placeNames, text } from './fields.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { narrowTo } from './places.ts'
import { inAccount, type Route } from './route.ts'
import { Outcome } from './send.ts'

const filterNames = [...new Set(reports.flatMap(({ filters }) => filters.map(({ name }) => name)))]
const filters = Object.fromEntries(filterNames.map(name => [name, text(100).optional()]))
const readFilters = (query: Record<string, unknown>) =>
  Object.fromEntries(['search', ...filterNames].map(name => [name, query[name] as string | undefined]))
const cell = z.union([z.string(), z.number(), z.null()])

export const reportRoutes: Route[] = [
  inAccount({
    method: 'get',
    path: '/api/v1/accounts/{account}/reports/{report}',
    operation: 'getReport',
    tag: 'Reports',
    summary: `A report, as JSON or as CSV: ${reports.map(({ name }) => name).join(', ')}`,
    scope: 'read',
    act: 'see licenses',
    query: z.object({ virtualAccounts: placeNames.optional(), search: text(100).optional(), ...filters, ...paging }),
    answer: z.object({ rows: z.array(z.record(z.string(), cell)), ...listAnswer }),
    async handle({ context, scope, query, parameters, prefers }) {
      const report = findReport(parameters.report ?? '')
      refuseUnless(report, 'NOT_FOUND', `There is no such report. There are ${reports.map(({ name }) => name).join(', ')}.`)
      const db = context.storage.pages
      const question = readReportQuestion(report, readFilters(query))
      const list = report.list(db, await narrowTo(db, scope, query.virtualAccounts), question, context.clock.now())
      if (prefers('application/json', 'text/csv') === 'text/csv')
        return new Outcome(200, asText('csv', report.columns, partsOf(list, query)), fileTypes.csv)
      return answerList('rows', list, query, row => objectOf(report.columns, row))
    },
  }),
]
