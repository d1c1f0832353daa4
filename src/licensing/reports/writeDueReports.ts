import type { Context } from '../../context.ts'
import { later, minute } from '../../rules/clock.ts'
import { nextReportAt } from '../../rules/reports.ts'
import { reachOf } from '../../rules/roles.ts'
import { getLocalAccount } from '../../storage/localAccounts.ts'
import { writeMailTo } from '../../storage/mails.ts'
import { narrowed } from '../../storage/pages/scope.ts'
import { claimDueReport, findReporter, planReport, type ScheduledReport } from '../../storage/reportSchedules.ts'
import { findReport } from './catalog.ts'
import { endReportSchedule } from './endReportSchedule.ts'
import { readReportQuestion } from './report.ts'
import { reportAttachment } from './reportAttachment.ts'

/** A server that dies over a report leaves it to others after this long. The mail's cause sees to it that nobody gets it twice. */
const claim = 15 * minute

/** Writes the mail of every report whose time has come; one after the other, for each takes a core. */
export async function writeDueReports(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  while (!ends?.aborted) {
    const now = context.clock.now()
    const due = await claimDueReport(context.storage.db, now, later(now, claim))
    if (!due) return
    await writeReport(context, due, now)
  }
}

/** "Default deny", also for what was set up long ago: a report holds what its person may see now, and ends with their last role here. */
async function writeReport(context: Context, due: ScheduledReport, now: Date): Promise<void> {
  const { db, pages } = context.storage
  const { localAccountId } = due
  const report = findReport(due.report)
  const reporter = await findReporter(db, due.userId)
  const person = { kind: 'user' as const, name: reporter?.username ?? '', assignments: reporter?.assignments ?? [] }
  const reach = reachOf(person, 'see licenses', localAccountId)
  if (!report || reach.length === 0) return endReportSchedule(context, 'the server', due)
  const question = readReportQuestion(report, due.asked)
  const scope = narrowed({ localAccountId, reach }, question.place)
  const attachment = await reportAttachment(pages, { report, scope, question, kind: due.fileKind, now })
  const account = await getLocalAccount(db, localAccountId)
  const nextAt = nextReportAt(due, now)
  await context.storage.transaction(async tx => {
    await writeMailTo(tx, due.recipients, {
      localAccountId,
      cause: `report ${localAccountId}/${due.id} before ${nextAt.toISOString()}`,
      subject: `${account.name}: ${report.title}`,
      body: `${attachment ? attached : tooLarge(report.title)}\n\n${orders(person.name, nextAt)}\n`,
      at: now,
      attachment,
    })
    await planReport(tx, due, { nextAt, sentAt: now })
  })
}

const attached = 'The report is attached.'
const tooLarge = (title: string) =>
  `The report is too large for a mail. Sign in to the Licensing workspace, open Reports › ${title}, and narrow it or take it as a file.`
const orders = (username: string, nextAt: Date) =>
  `${username} has this sent; the next one comes on ${nextAt.toUTCString()}. It is ended under Reports in the Licensing workspace.`
