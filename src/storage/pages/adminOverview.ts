import type { AlertSeverity } from '../alerts.ts'
import type { Db } from '../db.ts'

/** What the tiles of the Admin workspace say at a glance, and how large the database is. */
export type AdminOverview = {
  registered: number
  overdue: number
  waiting: number
  failed: number
  products: number
  users: number
  locked: number
  openAlerts: number
  databaseBytes: number
  databaseVersion: string
}

/**
 * One question for the whole page. A product is "one product instance using any quantity of one license": the counters know how many there
 * are without counting. `overdueSince`: who last synchronized at that time or before is overdue or worse.
 */
export async function findAdminOverview(db: Db, now: Date, overdueSince: Date): Promise<AdminOverview> {
  const { rows } = await db.raw(
    `select
       (select count(*) from local_accounts where state = 'registered') as registered,
       (select count(*) from local_accounts where state = 'registered' and last_synchronized_at <= :overdueSince) as overdue,
       (select count(*) from local_accounts where state in ('requested', 'approved')) as waiting,
       (select count(*) from local_accounts l where state = 'registered' and (
          select s.state in ('refused', 'failed') from synchronizations s where s.local_account_id = l.id order by s.id desc limit 1)) as failed,
       (select coalesce(sum(instances), 0)::bigint from authorizations) as products,
       (select count(*) from users where disabled_at is null) as users,
       (select count(*) from users where locked_until > :now) as locked,
       (select count(*) from alerts where cleared_at is null) as "openAlerts",
       pg_database_size(current_database()) as "databaseBytes",
       split_part(current_setting('server_version'), ' ', 1) as "databaseVersion"`,
    { now, overdueSince },
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
export async function listRecentAlerts(db: Db, limit: number): Promise<RecentAlert[]> {
  const { rows } = await db.raw(
    `select a.severity, a.source, a.message, a.action, a.raised_at as "raisedAt",
            case when l.id is null then null else json_build_object('uuid', l.uuid, 'name', l.name) end as account
     from alerts a left join local_accounts l on l.id = a.local_account_id
     where a.cleared_at is null
     order by array_position(array['critical', 'major', 'minor', 'info'], a.severity), a.raised_at desc, a.local_account_id, a.id limit :limit`,
    { limit },
  )
  return rows
}
