import type { ToldAlert } from '../rules/alertMail.ts'
import { type Preferences, usualPreferences } from '../rules/preferences.ts'
import { isShown, placeOfAlert, severityRank } from './alerts.ts'
import type { Db } from './db.ts'
import { alertsWithin } from './pages/alertRows.ts'
import { type Scope, scopeBindings } from './pages/scope.ts'

/** Somebody who wants mail of alerts, and the accounts that they want it of. */
export type AlertReader = {
  userId: number
  email: string
  preferences: Preferences
  accounts: { id: number; uuid: string; name: string }[]
}

/** Everybody with an address who wants mail of the alerts of an account that is registered. */
export async function listAlertReaders(db: Db): Promise<AlertReader[]> {
  const { rows } = await db.raw(
    `select u.id as "userId", u.email, u.preferences,
            json_agg(json_build_object('id', l.id, 'uuid', l.uuid, 'name', l.name) order by l.id) as accounts
     from users u cross join lateral jsonb_object_keys(u.preferences -> 'mail') as m (account)
     join local_accounts l on l.uuid::text = m.account and l.state = 'registered'
     where u.preferences -> 'mail' is not null and u.email is not null and u.disabled_at is null group by u.id`,
  )
  return rows.map((row: AlertReader) => ({ ...row, preferences: { ...usualPreferences, ...row.preferences } }))
}

/** The alerts within a scope that are to be seen now, the most severe first; since `since`, those that were raised after it. */
export async function listToldAlerts(
  db: Db,
  scope: Scope,
  { since, now, limit }: { since: Date | null; now: Date; limit: number },
): Promise<(ToldAlert & { id: number })[]> {
  const { rows } = await db.raw(
    `select l.id, l.kind, l.severity, l.source, l.message, l.action, ${placeOfAlert} as "localVirtualAccountId"
     from alerts l where ${alertsWithin(scope)} and ${isShown} and (:since::timestamptz is null or l.raised_at > :since)
     order by ${severityRank('l.severity')} desc, l.id limit :limit`,
    { ...scopeBindings(scope), since, now, limit },
  )
  return rows
}
