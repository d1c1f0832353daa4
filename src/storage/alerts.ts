import type { Db } from './db.ts'

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

/** What names an alert: a rule raises it once for one subject. */
export type AlertKey = { localAccountId: number; kind: string; subject: string }

/** Raises an alert, or brings the words of the open one up to date; it keeps the time it was raised at, and the same words cost no write. */
export async function raiseAlert(
  db: Db,
  alert: AlertKey & { severity: AlertSeverity; source: string; message: string; action: string; at: Date },
): Promise<void> {
  await db.raw(
    `insert into alerts (local_account_id, kind, subject, severity, source, message, action, raised_at)
     values (:localAccountId, :kind, :subject, :severity, :source, :message, :action, :at)
     on conflict (local_account_id, kind, subject) where cleared_at is null
     do update set severity = excluded.severity, source = excluded.source, message = excluded.message, action = excluded.action
     where alerts.message <> excluded.message`,
    alert,
  )
}

/** Clears an alert whose reason is gone. */
export async function clearAlert(db: Db, alert: AlertKey, now: Date): Promise<void> {
  await db('alerts')
    .where({ local_account_id: alert.localAccountId, kind: alert.kind, subject: alert.subject })
    .whereNull('cleared_at')
    .update({ cleared_at: now })
}
