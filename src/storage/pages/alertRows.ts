import { type Alert, isShown, placeOfAlert, severityRank } from '../alerts.ts'
import type { Db } from '../db.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { type Scope, scopeBindings } from './scope.ts'

/** Which alerts: those to be seen now, those that somebody has put off or aside, or those whose reason is gone. */
export const alertStandings = ['open', 'put aside', 'cleared'] as const
export type AlertStanding = (typeof alertStandings)[number]

/** An alert as its page lists it. */
export type AlertRow = Alert & {
  rank: number
  clearedAt: Date | null
  remindAt: Date | null
  dismissedAt: Date | null
  answeredBy: string | null
  localVirtualAccount: string | null
}

/** The most severe first, of those the newest. */
const rank = severityRank('l.severity')
export const alertSort: SortColumn[] = [
  { sql: rank, type: 'integer' },
  { sql: 'l.id', type: 'bigint' },
]

const conditions: Record<AlertStanding, string> = {
  open: isShown,
  'put aside': `l.cleared_at is null and not (${isShown})`,
  cleared: 'l.cleared_at is not null',
}

/** Whoever sees some Local Virtual Accounts sees the alerts about licenses in them: only these name their place. */
export const alertsWithin = (scope: Scope): string =>
  `l.local_account_id = :account ${scope.reach === 'all' ? '' : `and ${placeOfAlert} = any(:places::integer[])`}`

/** How many alerts within `scope` are to be seen now, up to a hundred. */
export async function countShownAlerts(db: Db, scope: Scope, now: Date): Promise<number> {
  const { rows } = await db.raw(
    `select count(*) as alerts from (select from alerts l where ${alertsWithin(scope)} and ${isShown} limit 100) l`,
    { ...scopeBindings(scope), now },
  )
  return rows[0].alerts
}

/** A page of an account's alerts within `scope`. One query. */
export async function listAlertRows(db: Db, scope: Scope, standing: AlertStanding, slice: Slice, now: Date): Promise<Page<AlertRow>> {
  const cut = keyset(alertSort, true, slice)
  const result = await db.raw(
    `select l.local_account_id as "localAccountId", l.id, l.kind, l.subject, l.severity, l.source, l.message, l.action, ${rank} as rank,
            l.raised_at as "raisedAt", l.cleared_at as "clearedAt", l.remind_at as "remindAt", l.dismissed_at as "dismissedAt",
            l.answered_by as "answeredBy", v.name as "localVirtualAccount"
     from alerts l left join local_virtual_accounts v on v.local_account_id = l.local_account_id and v.id = ${placeOfAlert}
     where ${alertsWithin(scope)} and ${conditions[standing]} and ${cut.condition} order by ${cut.order} limit :limit`,
    { ...scopeBindings(scope), ...cut.bindings, now },
  )
  return pageOf(result.rows as AlertRow[], slice, row => [row.rank, row.id])
}
