import type { ReportSchedule } from '../rules/reports.ts'
import type { RoleAssignment } from '../rules/roles.ts'
import type { FileKind } from '../rules/tables.ts'
import type { Db } from './db.ts'
import { assignmentsOf } from './roleAssignments.ts'

/** A report that is sent by mail when its time comes. `asked`: its filters by name. */
export type ScheduledReport = ReportSchedule & {
  localAccountId: number
  id: number
  userId: number
  report: string
  asked: Record<string, string>
  fileKind: FileKind
  recipients: string[]
  nextAt: Date
  lastSentAt: Date | null
}

/** As a list shows it: with whoever set it up. */
export type ScheduledReportRow = ScheduledReport & { username: string }

const columns = `r.local_account_id as "localAccountId", r.id, r.user_id as "userId", r.report, r.asked, r.file_kind as "fileKind", r.recipients,
  r.frequency, r.hour, r.next_at as "nextAt", r.last_sent_at as "lastSentAt"`

/** Keeps a schedule. */
export async function insertReportSchedule(
  db: Db,
  { createdAt, ...schedule }: Omit<ScheduledReport, 'id' | 'lastSentAt'> & { createdAt: Date },
) {
  await db('report_schedules').insert({
    local_account_id: schedule.localAccountId,
    user_id: schedule.userId,
    report: schedule.report,
    asked: JSON.stringify(schedule.asked),
    file_kind: schedule.fileKind,
    recipients: schedule.recipients,
    frequency: schedule.frequency,
    hour: schedule.hour,
    next_at: schedule.nextAt,
    created_at: createdAt,
  })
}

/** The schedules of an account: all of them, or those of one person. */
export async function listReportSchedules(db: Db, localAccountId: number, userId: number | null): Promise<ScheduledReportRow[]> {
  const { rows } = await db.raw(
    `select ${columns}, u.username from report_schedules r join users u on u.id = r.user_id
     where r.local_account_id = :localAccountId and (:userId::integer is null or r.user_id = :userId) order by r.id`,
    { localAccountId, userId },
  )
  return rows
}

/** How many schedules an account has. */
export async function countReportSchedules(db: Db, localAccountId: number): Promise<number> {
  const row = await db('report_schedules').where({ local_account_id: localAccountId }).count({ count: '*' }).first()
  return Number(row?.count ?? 0)
}

/** Ends a schedule. */
export const deleteReportSchedule = (db: Db, { localAccountId, id }: Pick<ScheduledReport, 'localAccountId' | 'id'>): Promise<number> =>
  db('report_schedules').where({ local_account_id: localAccountId, id }).delete()

/** Takes the report that has been due longest, so that whoever else looks sees it planned for `until`. */
export async function claimDueReport(db: Db, now: Date, until: Date): Promise<ScheduledReport | undefined> {
  const { rows } = await db.raw(
    `update report_schedules r set next_at = :until
     from (select d.local_account_id, d.id from report_schedules d where d.next_at <= :now order by d.next_at limit 1 for update skip locked) due
     where r.local_account_id = due.local_account_id and r.id = due.id
     returning ${columns}`,
    { now, until },
  )
  return rows[0]
}

/** When a report is due next, and when it was sent last. */
export const planReport = (
  db: Db,
  { localAccountId, id }: Pick<ScheduledReport, 'localAccountId' | 'id'>,
  plan: { nextAt: Date; sentAt?: Date },
) =>
  db('report_schedules')
    .where({ local_account_id: localAccountId, id })
    .update({ next_at: plan.nextAt, ...(plan.sentAt && { last_sent_at: plan.sentAt }) })

/** Whoever set a report up, as they stand now; undefined where they were disabled. */
export async function findReporter(db: Db, userId: number): Promise<{ username: string; assignments: RoleAssignment[] } | undefined> {
  const user = await db('users').where({ id: userId }).whereNull('disabled_at').first('username')
  return user && { username: user.username, assignments: await assignmentsOf(db, userId) }
}
