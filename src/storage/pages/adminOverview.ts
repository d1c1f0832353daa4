import { day, later } from '../../rules/clock.ts'
import { overdueDays } from '../../rules/synchronization.ts'
import { authorityWarning } from '../../rules/trustStore.ts'
import { type AlertSeverity, isShown, severityRank } from '../alerts.ts'
import type { Db } from '../db.ts'

/** What the tiles of the Admin workspace say at a glance, and how large the database is. */
export type AdminOverview = {
  registered: number
  overdue: number
  waiting: number
  carried: number
  failed: number
  products: number
  users: number
  locked: number
  openAlerts: number
  /** Mails that were tried and wait for another time. */
  mailsInTrouble: number
  /** How many authorities the trust store has, and how many of them have ended, or will before long. */
  authorities: number
  authoritiesEnded: number
  authoritiesEnding: number
  databaseBytes: number
  databaseVersion: string
}

/**
 * One question for the whole page. A product is "one product instance using any quantity of one license": the counters know how many there
 * are without counting.
 */
export async function findAdminOverview(db: Db, now: Date): Promise<AdminOverview> {
  const overdueSince = later(now, -overdueDays * day)
  const endingUntil = later(now, authorityWarning)
  const { rows } = await db.raw(
    `select
       (select count(*) from local_accounts where state = 'registered') as registered,
       (select count(*) from local_accounts where state = 'registered' and last_synchronized_at <= :overdueSince) as overdue,
       (select count(*) from local_accounts where state in ('requested', 'approved')) as waiting,
       (select count(*) from synchronizations where state in ('prepared', 'outstanding') and carrier = 'manual') as carried,
       (select count(*) from local_accounts l where state = 'registered' and (
          select s.state in ('refused', 'failed') from synchronizations s where s.local_account_id = l.id order by s.id desc limit 1)) as failed,
       (select coalesce(sum(instances), 0)::bigint from authorizations) as products,
       (select count(*) from users where disabled_at is null) as users,
       (select count(*) from users where locked_until > :now) as locked,
       (select count(*) from alerts l where ${isShown}) as "openAlerts",
       (select count(*) from mails where next_at is not null and failure is not null) as "mailsInTrouble",
       (select count(*) from trusted_authorities) as authorities,
       (select count(*) from trusted_authorities where not_after <= :now) as "authoritiesEnded",
       (select count(*) from trusted_authorities where not_after > :now and not_after <= :endingUntil) as "authoritiesEnding",
       pg_database_size(current_database()) as "databaseBytes",
       split_part(current_setting('server_version'), ' ', 1) as "databaseVersion"`,
    { now, overdueSince, endingUntil },
  )
  return rows[0]
}

/** An open alert with the name of its account; null for the server's own. */
export type RecentAlert = {
  severity: AlertSeverity
  source: string
  message: string
  action: string
  raisedAt: Date
  account: { uuid: string; name: string } | null
}

/** The newest open alerts of the server and of all accounts, the most severe first. */
export async function listRecentAlerts(db: Db, now: Date, limit: number): Promise<RecentAlert[]> {
  const { rows } = await db.raw(
    `select l.severity, l.source, l.message, l.action, l.raised_at as "raisedAt",
            case when o.id is null then null else json_build_object('uuid', o.uuid, 'name', o.name) end as account
     from alerts l left join local_accounts o on o.id = l.local_account_id
     where ${isShown}
     order by ${severityRank('l.severity')} desc, l.raised_at desc, l.local_account_id, l.id limit :limit`,
    { now, limit },
  )
  return rows
}
