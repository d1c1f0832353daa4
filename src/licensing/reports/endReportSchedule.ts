import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteReportSchedule, type ScheduledReport } from '../../storage/reportSchedules.ts'
import { findReport } from './catalog.ts'

/** A report is not sent any more. Refuses one that has been ended meanwhile. */
export async function endReportSchedule(context: Context, who: string, schedule: ScheduledReport): Promise<void> {
  await context.storage.transaction(async tx => {
    refuseUnless((await deleteReportSchedule(tx, schedule)) === 1, 'NOT_FOUND', 'There is no such scheduled report.')
    const title = findReport(schedule.report)?.title ?? schedule.report
    const message = `The report “${title}” is not sent any more to ${schedule.recipients.join(', ')}.`
    await recordEvent(tx, { localAccountId: schedule.localAccountId, at: context.clock.now(), kind: 'report scheduled', message, who })
  })
}
