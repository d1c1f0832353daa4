import type { ProductInstanceState } from '../../rules/productInstances.ts'
import type { AlertSeverity } from '../alerts.ts'
import type { Db } from '../db.ts'

/** What a monitoring system is told of a Local Account. */
export type AccountMetrics = {
  name: string
  lastSynchronizedAt: Date | null
  purchased: number
  inUse: number
  /** Licenses that are in use and covered by nothing, and in how many places a tag is so. */
  missing: number
  tagsShort: number
  instances: Partial<Record<ProductInstanceState, number>>
  alerts: Partial<Record<AlertSeverity, number>>
}

/** The measures of every registered account, by name. One query. */
export async function listAccountMetrics(db: Db): Promise<AccountMetrics[]> {
  const result = await db.raw(
    `select l.name, l.last_synchronized_at as "lastSynchronizedAt", a.*,
            (select coalesce(json_object_agg(i.state, i.instances), '{}') from (
               select n.state, sum(n.instances)::bigint as instances from product_instance_counts n where n.local_account_id = l.id
               group by n.state) i) as instances,
            (select coalesce(json_object_agg(o.severity, o.alerts), '{}') from (
               select o.severity, count(*) as alerts from alerts o where o.local_account_id = l.id and o.cleared_at is null
               group by o.severity) o) as alerts
     from local_accounts l cross join lateral (
       select coalesce(sum(a.purchased), 0)::bigint as purchased, coalesce(sum(a.in_use), 0)::bigint as "inUse",
              coalesce(sum(greatest(-a.balance, 0)), 0)::bigint as missing, count(a.out_of_compliance_since) as "tagsShort"
       from authorizations a where a.local_account_id = l.id) a
     where l.state = 'registered' order by l.name`,
  )
  return result.rows
}
