import { day, later } from '../../rules/clock.ts'
import type { LicenseType } from '../../rules/entitlements.ts'
import type { ProductInstanceState } from '../../rules/productInstances.ts'
import type { AlertSeverity } from '../alerts.ts'
import { isShown, severityRank } from '../alerts.ts'
import type { Db } from '../db.ts'
import { allTags, type UsageDay, type UsageSpan, usageDays } from '../usageHistory.ts'
import { alertsWithin } from './alertRows.ts'
import { withDates } from './dates.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

export type OverviewAlert = {
  kind: string
  subject: string
  severity: AlertSeverity
  source: string
  message: string
  action: string
  raisedAt: Date
}

/** Something that ends within the next 90 days: a lot, or a token that is still usable. */
export type OverviewEnd =
  | { kind: 'lot'; name: string; tagId: number; quantity: number; licenseType: LicenseType; endsAt: Date }
  | { kind: 'token'; name: string; id: string; uses: number; endsAt: Date }

export type AccountOverview = {
  /** How many tags stand well in every Local Virtual Account of the scope, and how many are short somewhere. */
  tagsInCompliance: number
  tagsShort: number
  short: { tagId: number; displayName: string; localVirtualAccount: string; localVirtualAccountId: number; missing: number; since: Date }[]
  bars: { tagId: number; displayName: string; purchased: number; inUse: number; short: boolean }[]
  instances: Partial<Record<ProductInstanceState, number>>
  alerts: OverviewAlert[]
  /** Open alerts that nobody has put aside, counted up to 1,000. */
  alertCount: number
  ends: OverviewEnd[]
  /** What was purchased and in use of all licenses together, day by day. */
  usage: UsageDay[]
  hasToken: boolean
  hasInstance: boolean
}

export const endsSoonDays = 90
/** Tokens are short-lived: one is told of when it ends within this time. */
const tokenDays = 14

/** What the Overview of an account shows, within `scope`. One query, which reads counters and never the instances themselves. */
export async function findAccountOverview(db: Db, scope: Scope, span: UsageSpan, now: Date): Promise<AccountOverview> {
  const result = await db.raw(
    `with held as (
       select a.tag_id, sum(a.purchased)::bigint as purchased, sum(a.in_use)::bigint as in_use, bool_or(a.out_of_compliance_since is not null) as short
       from authorizations a where ${within(scope, 'a')} group by a.tag_id),
     open as (
       select l.* from alerts l where ${alertsWithin(scope)} and ${isShown} limit 1000)
     select (select count(*) from held where not short) as "tagsInCompliance", (select count(*) from held where short) as "tagsShort",
            ${short(scope)} as short, ${bars} as bars, ${instances(scope)} as instances,
            ${alerts} as alerts, (select count(*) from open) as "alertCount", ${ends(scope)} as ends, ${usageDays(scope, allTags)} as usage,
            exists (select 1 from registration_tokens k where ${within(scope, 'k')}) as "hasToken",
            exists (select 1 from product_instances i where ${within(scope, 'i')}) as "hasInstance"`,
    { ...scopeBindings(scope), ...span, now, soon: later(now, endsSoonDays * day), tokensSoon: later(now, tokenDays * day) },
  )
  const overview: AccountOverview = result.rows[0]
  withDates(overview.short, 'since')
  withDates(overview.alerts, 'raisedAt')
  withDates(overview.ends, 'endsAt')
  return overview
}

const short = (scope: Scope) => `(
  select coalesce(json_agg(s), '[]') from (
    select a.tag_id as "tagId", t.display_name as "displayName", v.name as "localVirtualAccount", v.id as "localVirtualAccountId",
           -a.balance as missing, a.out_of_compliance_since as since
    from authorizations a join entitlement_tags t on t.id = a.tag_id
      join local_virtual_accounts v on v.local_account_id = a.local_account_id and v.id = a.local_virtual_account_id
    where ${within(scope, 'a')} and a.out_of_compliance_since is not null order by a.balance, t.display_name, v.name limit 6) s)`

const bars = `(
  select coalesce(json_agg(b), '[]') from (
    select h.tag_id as "tagId", t.display_name as "displayName", h.purchased, h.in_use as "inUse", h.short
    from held h join entitlement_tags t on t.id = h.tag_id
    order by h.in_use::numeric / greatest(h.purchased, 1) desc, h.in_use desc, t.display_name limit 8) b)`

const instances = (scope: Scope) => `(
  select coalesce(json_object_agg(n.state, n.instances), '{}') from (
    select n.state, sum(n.instances)::bigint as instances from product_instance_counts n where ${within(scope, 'n')} group by n.state) n)`

const alerts = `(
  select coalesce(json_agg(l), '[]') from (
    select l.kind, l.subject, l.severity, l.source, l.message, l.action, l.raised_at as "raisedAt" from open l
    order by ${severityRank('l.severity')} desc, l.raised_at desc, l.id limit 5) l)`

const ends = (scope: Scope) => `(
  select coalesce(json_agg(e), '[]') from (
    select * from (
      select 'lot' as kind, t.display_name as name, e.tag_id as "tagId", null::uuid as id, e.quantity, null::bigint as uses,
             e.license_type as "licenseType", e.ends_at as "endsAt"
      from entitlements e join entitlement_tags t on t.id = e.tag_id
      where e.local_account_id = :account and e.ends_at > :now and e.ends_at <= :soon and e.starts_at <= :now
        ${scope.reach === 'all' ? '' : `and exists (select 1 from entitlement_shares h where h.license_id = e.license_id and ${within(scope, 'h')})`}
      union all
      select 'token', k.description, null, k.id, null, k.uses, null, k.expires_at
      from registration_tokens k
      where ${within(scope, 'k')} and k.revoked_at is null and k.expires_at > :now and k.expires_at <= :tokensSoon
        and (k.maximum_uses is null or k.uses < k.maximum_uses)) e
    order by e."endsAt" limit 6) e)`
