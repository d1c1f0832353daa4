import { z } from 'zod'
import { findReport, reports } from '../../licensing/reports/catalog.ts'
import { endReportSchedule } from '../../licensing/reports/endReportSchedule.ts'
import { scheduleReport } from '../../licensing/reports/scheduleReport.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { mostReportRecipients, type ReportSchedule, reportFrequencies } from '../../rules/reports.ts'
import { may } from '../../rules/roles.ts'
import { fileKinds } from '../../rules/tables.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { listReportSchedules, type ScheduledReportRow } from '../../storage/reportSchedules.ts'
import { paths } from '../paths.ts'
import { orForm, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field, parameter, queried } from '../visit.ts'
import { addressOf } from './list.ts'
import { getReport } from './report.ts'

const view = { page: 'licensing/reports/index.njk', fragment: 'licensing/reports/_index.njk' }
const formView = { page: 'licensing/reports/schedule.njk', fragment: 'licensing/reports/schedule.njk' }
const endView = { page: 'licensing/reports/end.njk', fragment: 'licensing/reports/_end.njk' }

/** The scheduled reports that somebody may see and end: their own, and for whoever manages the account everybody's. */
async function listOf({ context, account, person, user }: AccountVisit) {
  const everybody = may(person, 'manage account', { localAccountId: account.id })
  const schedules = await listReportSchedules(context.storage.pages, account.id, everybody ? null : user.id)
  return schedules.map(schedule => ({ ...schedule, title: findReport(schedule.report)?.title ?? schedule.report }))
}

/** Reports: what can be told, and what is sent by itself. */
export async function reportsPage(visit: AccountVisit): Promise<void> {
  show(visit, view, { reports, schedules: await listOf(visit) })
}

/** The filters of a schedule come with its form's address and go on with the form, as they were. */
async function formModel(visit: AccountVisit, given: (name: string) => string | undefined) {
  const { report, asked } = getReport(visit, given)
  const back = addressOf(paths.licensing.report(visit.account.uuid, report.name), asked)
  const mails = await findMailSettings(visit.context.storage.pages)
  return { report, asked, back, mails: mails !== undefined, reportFrequencies, fileKinds, mostReportRecipients, email: visit.user.email }
}

/** The form that has a report sent by mail. */
export const newReportSchedulePage = async (visit: AccountVisit): Promise<void> =>
  show(visit, formView, await formModel(visit, name => queried(visit, name)))

const scheduleForm = z.object({
  recipients: z.string(),
  frequency: z.string().transform(text => text as ReportSchedule['frequency']),
  hour: z
    .string()
    .regex(/^\d{1,2}$/, 'Give an hour from 0 to 23 (UTC).')
    .transform(Number),
  fileKind: z.string(),
})

/** Somebody has a report sent. */
export const reportScheduleSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    formView,
    () => formModel(visit, name => field(visit, name)),
    async () => {
      const form = readForm(visit, scheduleForm)
      const { report, question } = getReport(visit, name => field(visit, name))
      const first = await scheduleReport(visit.context, visit.user, visit.account.id, { ...form, report, question })
      await say(visit, { tone: 'success', words: `“${report.title}” is sent ${form.frequency}.`, more: `First on ${first.toUTCString()}.` })
      goTo(visit, paths.licensing.reports(visit.account.uuid))
    },
  )

async function getSchedule(visit: AccountVisit): Promise<ScheduledReportRow & { title: string }> {
  const schedule = (await listOf(visit)).find(({ id }) => String(id) === parameter(visit, 'schedule'))
  refuseUnless(schedule, 'NOT_FOUND', 'There is no such scheduled report.')
  return schedule
}

/** What ends, and the question whether to. */
export const reportScheduleEndPage = async (visit: AccountVisit): Promise<void> =>
  show(visit, endView, { schedule: await getSchedule(visit) })

/** Somebody ends a scheduled report. */
export async function reportScheduleEnded(visit: AccountVisit): Promise<void> {
  const schedule = await getSchedule(visit)
  await endReportSchedule(visit.context, visit.user.username, schedule)
  await say(visit, { tone: 'success', words: `“${schedule.title}” is not sent any more.` })
  goTo(visit, paths.licensing.reports(visit.account.uuid))
}
