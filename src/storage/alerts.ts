import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

export type AlertSeverity = 'critical' | 'major' | 'minor' | 'info'

/** What somebody should do something about. `localAccountId` 0 is the server itself. */
export type Alert = {
  id: number
  localAccountId: number
  kind: string
  subject: string
  severity: AlertSeverity
  source: string
  message: string
  action: string
  raisedAt: Date
}

/** How severe an alert is, as a number that grows with it. */
export const severityRank = (severity: string): string => `array_position(array['info', 'minor', 'major', 'critical'], ${severity})`
const worse = `${severityRank('excluded.severity')} > ${severityRank('alerts.severity')}`

/** What names an alert: a rule raises it once for one subject. */
export type AlertKey = { localAccountId: number; kind: string; subject: string }

type RaisedAlert = AlertKey & { severity: AlertSeverity; source: string; message: string; action: string; at: Date }

const keyColumns = (keys: AlertKey[]) => [keys.map(key => key.localAccountId), keys.map(key => key.kind), keys.map(key => key.subject)]

/**
 * Raises an alert, or brings the words of the open one up to date; it keeps the time it was raised at, and the same words cost no write. One that
 * was put aside stays there, unless it has become more severe.
 */
export const raiseAlert = (db: Db, alert: RaisedAlert): Promise<void> => raiseAlerts(db, [alert])

/** The same for several at once, each named once. */
export async function raiseAlerts(db: Db, alerts: RaisedAlert[]): Promise<void> {
  if (alerts.length === 0) return
  await runPrepared(
    db,
    `insert into alerts (local_account_id, kind, subject, severity, source, message, action, raised_at)
     select * from unnest(?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
     on conflict (local_account_id, kind, subject) where cleared_at is null
     do update set severity = excluded.severity, source = excluded.source, message = excluded.message, action = excluded.action,
       remind_at = case when ${worse} then null else alerts.remind_at end,
       dismissed_at = case when ${worse} then null else alerts.dismissed_at end
     where (alerts.message, alerts.severity) <> (excluded.message, excluded.severity)`,
    [
      ...keyColumns(alerts),
      ...(['severity', 'source', 'message', 'action'] as const).map(name => alerts.map(alert => alert[name])),
      alerts.map(alert => alert.at),
    ],
  )
}

/** An alert's own Local Virtual Account, of the alias `l`: the subject of such a kind begins with its number. Null for what concerns the account. */
export const placeOfAlert = `case
  when l.kind in ('insufficient licenses', 'product instances failed to connect', 'product instances failed to renew')
  then split_part(l.subject, '/', 1)::integer end`

/** Whether an alert of the alias `l` is to be seen now: open, and neither dismissed nor put off. Binds `:now`. */
export const isShown = 'l.cleared_at is null and l.dismissed_at is null and (l.remind_at is null or l.remind_at <= :now)'

/** One open alert of an account, with its Local Virtual Account where it is about one. */
export async function findOpenAlert(
  db: Db,
  localAccountId: number,
  id: number,
): Promise<(Alert & { localVirtualAccountId: number | null; remindAt: Date | null; dismissedAt: Date | null }) | undefined> {
  const { rows } = await db.raw(
    `select l.local_account_id as "localAccountId", l.id, l.kind, l.subject, l.severity, l.source, l.message, l.action, l.raised_at as "raisedAt",
            l.remind_at as "remindAt", l.dismissed_at as "dismissedAt", ${placeOfAlert} as "localVirtualAccountId"
     from alerts l where l.local_account_id = ? and l.id = ? and l.cleared_at is null`,
    [localAccountId, id],
  )
  return rows[0]
}

/** Writes what somebody did about an open alert. False when it has been cleared meanwhile. */
export async function updateAlertAnswer(
  db: Db,
  { localAccountId, id }: Pick<Alert, 'localAccountId' | 'id'>,
  answer: { remindAt: Date | null; dismissedAt: Date | null; answeredBy: string },
): Promise<boolean> {
  const changed = await db('alerts')
    .where({ local_account_id: localAccountId, id })
    .whereNull('cleared_at')
    .update({ remind_at: answer.remindAt, dismissed_at: answer.dismissedAt, answered_by: answer.answeredBy })
  return changed === 1
}

/** Clears an alert whose reason is gone. */
export const clearAlert = (db: Db, alert: AlertKey, now: Date): Promise<void> => clearAlerts(db, [alert], now)

/** The same for several at once. */
export async function clearAlerts(db: Db, alerts: AlertKey[], now: Date): Promise<void> {
  if (alerts.length === 0) return
  await runPrepared(
    db,
    `update alerts l set cleared_at = ? from unnest(?::integer[], ?::text[], ?::text[]) as k (local_account_id, kind, subject)
     where l.local_account_id = k.local_account_id and l.kind = k.kind and l.subject = k.subject and l.cleared_at is null`,
    [now, ...keyColumns(alerts)],
  )
}

/** The alerts of some kinds that are open, of every account. */
export async function listOpenAlerts(db: Db, kinds: string[]): Promise<AlertKey[]> {
  const rows = await db('alerts').whereIn('kind', kinds).whereNull('cleared_at').select('local_account_id', 'kind', 'subject')
  return rows.map(row => ({ localAccountId: row.local_account_id, kind: row.kind, subject: row.subject }))
}

/**
 * Makes the open alerts of some kinds those that are wanted, in every account: "an alert is raised and cleared by a rule". Three statements,
 * however many there are.
 */
export async function settleAlerts(db: Db, kinds: readonly string[], wanted: Omit<RaisedAlert, 'at'>[], now: Date): Promise<void> {
  await raiseAlerts(
    db,
    wanted.map(alert => ({ ...alert, at: now })),
  )
  const kept = new Set(wanted.map(keyOf))
  const open = await listOpenAlerts(db, [...kinds])
  await clearAlerts(
    db,
    open.filter(alert => !kept.has(keyOf(alert))),
    now,
  )
}

const keyOf = ({ localAccountId, kind, subject }: AlertKey) => `${localAccountId} ${kind} ${subject}`
