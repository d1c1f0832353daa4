import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { checkReportSchedule, mostReportSchedules, nextReportAt, type ReportSchedule, readRecipients } from '../../rules/reports.ts'
import { type FileKind, fileKinds } from '../../rules/tables.ts'
import { recordEvent } from '../../storage/events.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { countReportSchedules, insertReportSchedule } from '../../storage/reportSchedules.ts'
import { type Report, type ReportQuestion, writtenQuestion } from './report.ts'

export type ScheduleToMake = ReportSchedule & { report: Report; question: ReportQuestion; fileKind: string; recipients: string }

/**
 * Somebody has a report sent by mail, day by day, week by week or month by month; gives when it comes first. It will hold what this person may see
 * on that day. Refuses while nobody has said where mail goes out, addresses that are none, and more schedules than an account may have.
 */
export async function scheduleReport(
  context: Context,
  user: { id: number; username: string },
  localAccountId: number,
  wish: ScheduleToMake,
): Promise<Date> {
  const { frequency, hour } = checkReportSchedule(wish)
  const recipients = readRecipients(wish.recipients)
  const fileKind = wish.fileKind as FileKind
  refuseUnless(fileKinds.includes(fileKind), 'INVALID', 'Choose CSV or JSON.', 'fileKind')
  const now = context.clock.now()
  const nextAt = nextReportAt({ frequency, hour }, now)
  await context.storage.transaction(async tx => {
    const mails = await findMailSettings(tx)
    refuseUnless(mails, 'INVALID', 'No mail goes out of this server yet. A System Administrator says where, in Admin › Settings.')
    const tooMany = `This account has ${mostReportSchedules} scheduled reports already. End one that is not needed.`
    refuseUnless((await countReportSchedules(tx, localAccountId)) < mostReportSchedules, 'TOO_MANY', tooMany)
    const asked = writtenQuestion(wish.question)
    const schedule = { localAccountId, userId: user.id, report: wish.report.name, asked, fileKind, recipients, frequency, hour, nextAt }
    await insertReportSchedule(tx, { ...schedule, createdAt: now })
    const message = `The report “${wish.report.title}” is sent ${frequency} to ${recipients.join(', ')}.`
    await recordEvent(tx, { localAccountId, at: now, kind: 'report scheduled', message, who: user.username })
  })
  return nextAt
}
