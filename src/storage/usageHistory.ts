import type { Db } from './db.ts'
import { type Scope, within } from './pages/scope.ts'

/** The tag under which a Local Virtual Account's sums over all tags are kept. */
export const allTags = 0

/** What was purchased and in use on a day (UTC), the most of the day, and how many licenses were missing after substitution. */
export type UsageDay = { day: string; purchased: number; inUse: number; short: number }

/**
 * Takes down what the counters say, into the row of today: the most that was in use and missing, and what is purchased last. What does not differ
 * from the last row of its tag and Local Virtual Account is not written.
 */
export async function recordUsage(tx: Db, today: string): Promise<void> {
  await tx.raw(
    `insert into usage_history as h (local_account_id, local_virtual_account_id, tag_id, day, purchased, in_use, short)
     select a.local_account_id, a.local_virtual_account_id, a.tag_id, :today::date, a.purchased, a.in_use, a.short
     from (
       select local_account_id, local_virtual_account_id, coalesce(tag_id, ${allTags}) as tag_id, sum(purchased)::bigint as purchased,
              sum(in_use)::bigint as in_use, sum(greatest(-balance, 0))::bigint as short
       from authorizations group by grouping sets ((1, 2, tag_id), (1, 2))) a
     left join lateral (
       select l.* from usage_history l
       where l.local_account_id = a.local_account_id and l.local_virtual_account_id = a.local_virtual_account_id and l.tag_id = a.tag_id
       order by l.day desc limit 1) l on true
     where case when l.day is null then a.purchased > 0 or a.in_use > 0
                when l.day = :today::date then l.purchased <> a.purchased or l.in_use < a.in_use or l.short < a.short
                else (l.purchased, l.in_use, l.short) <> (a.purchased, a.in_use, a.short) end
     on conflict (local_account_id, local_virtual_account_id, tag_id, day) do update set
       purchased = excluded.purchased, in_use = greatest(h.in_use, excluded.in_use), short = greatest(h.short, excluded.short)`,
    { today },
  )
}

/** Forgets what is older than `before`, but for the row that still says how things stood then. */
export async function forgetUsage(tx: Db, before: string): Promise<void> {
  await tx.raw(
    `delete from usage_history h where h.day < :before::date and exists (
       select 1 from usage_history n
       where n.local_account_id = h.local_account_id and n.local_virtual_account_id = h.local_virtual_account_id and n.tag_id = h.tag_id
         and n.day > h.day and n.day <= :before::date)`,
    { before },
  )
}

/** The days to look at (UTC), both included. */
export type UsageSpan = { from: string; to: string }

/**
 * A subquery of the days of a span, of one tag (a column or a number) or of all together, summed over the Local Virtual Accounts of a scope: what
 * `UsageDay` has, as JSON. A day before anything was known is missing. Its bindings are those of the scope, and the span's.
 */
export const usageDays = (scope: Scope, tag: string | number): string => `(
  select coalesce(json_agg(u order by u.day), '[]') from (
    select to_char(d.day, 'YYYY-MM-DD') as day, sum(h.purchased)::bigint as purchased, sum(h.in_use)::bigint as "inUse", sum(h.short)::bigint as short
    from (select distinct h.local_account_id, h.local_virtual_account_id from usage_history h where ${within(scope, 'h')} and h.tag_id = ${tag}) p
      cross join generate_series(:from::date, :to::date, interval '1 day') as d (day)
      cross join lateral (
        select * from usage_history h
        where h.local_account_id = p.local_account_id and h.local_virtual_account_id = p.local_virtual_account_id and h.tag_id = ${tag}
          and h.day <= d.day order by h.day desc limit 1) h
    group by d.day) u)`
