import { later } from '../../rules/clock.ts'
import type { ExchangeProgress } from '../../rules/exchanges.ts'
import type { Db } from '../db.ts'
import { forgottenAfter } from '../synchronizationProgress.ts'
import { type AccountNumbers, accountNumbers } from './adminAccounts.ts'
import { withDates } from './dates.ts'

/** What stands beside an account's exchanges on its page of the Admin workspace. */
export type AccountAtAGlance = {
  numbers: AccountNumbers
  /** When its certificates end; null before its registration. */
  certificatesEndAt: Date | null
  threeTier: boolean
  plannedAt: Date | null
  progress: ExchangeProgress | null
  /** The account's own credentials for the cloud, else the server's, which are account 0's. */
  credentials: { localAccountId: number; clientId: string; changedAt: Date; changedBy: string } | null
}

/** How one account stands, exchanges aside. One query. */
export async function findAccountAtAGlance(db: Db, localAccountId: number, now: Date): Promise<AccountAtAGlance> {
  const { rows } = await db.raw(
    `select (select row_to_json(n) from (${accountNumbers}) n) as numbers,
            a.certificates_end_at as "certificatesEndAt", a.three_tier_certificate is not null as "threeTier", s.next_at as "plannedAt",
            (select row_to_json(p) from (
               select step, done, total from synchronization_progress
               where local_account_id = :id and told_at > :heardSince) p) as progress,
            (select row_to_json(c) from (
               select local_account_id as "localAccountId", client_id as "clientId", changed_at as "changedAt", changed_by as "changedBy"
               from cloud_credentials where local_account_id in (:id, 0) order by local_account_id desc limit 1) c) as credentials
     from (select :id::integer as id) l
       left join account_authorities a on a.local_account_id = l.id
       left join synchronization_schedules s on s.local_account_id = l.id`,
    { id: localAccountId, heardSince: later(now, -forgottenAfter) },
  )
  const [glance] = rows
  if (glance.credentials) withDates([glance.credentials], 'changedAt')
  return glance
}
