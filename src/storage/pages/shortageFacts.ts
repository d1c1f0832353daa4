import type { ShortageFacts } from '../../rules/why.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

/** No more Local Virtual Accounts are explained at once than this; the worst come first. */
const mostPlaces = 10
/** The largest users are named where there are no more than this to sort. */
export const mostSorted = 4000

/** Facts of every place of a scope in which the tag `:tag` is short, the worst first; its bindings are those of the scope, and `tag`. */
export const shortagesWithin = (scope: Scope): string =>
  `select t.display_name as "displayName", json_build_object('id', v.id, 'name', v.name, 'isDefault', v.is_default) as "localVirtualAccount",
          a.purchased, a.in_use as "inUse", a.reserved, a.balance, a.instances, a.out_of_compliance_since as since,
          ${lots} as lots, ${users} as users, ${loans} as loans, ${elsewhere(scope)} as elsewhere
   from authorizations a join entitlement_tags t on t.id = a.tag_id
     join local_virtual_accounts v on v.local_account_id = a.local_account_id and v.id = a.local_virtual_account_id
   where ${within(scope, 'a')} and a.tag_id = :tag and a.out_of_compliance_since is not null
   order by a.balance, v.id limit ${mostPlaces}`

/** The same with the moments in them as Dates. */
export function withShortageDates(shortages: ShortageFacts[]): ShortageFacts[] {
  for (const shortage of withDates(shortages, 'since')) {
    withDates(shortage.lots, 'startsAt', 'endsAt')
    withDates(shortage.users, 'registeredAt', 'lastReportedAt')
  }
  return shortages
}

/** What is known of each Local Virtual Account of `scope` in which a tag is out of compliance: what `explainShortage` takes. One query. */
export async function listShortageFacts(db: Db, scope: Scope, tagId: number): Promise<ShortageFacts[]> {
  const result = await db.raw(shortagesWithin(scope), { ...scopeBindings(scope), tag: tagId })
  return withShortageDates(result.rows)
}

const lots = `(
  select coalesce(json_agg(l), '[]') from (
    select e.license_id as "licenseId", e.quantity, e.starts_at as "startsAt", e.ends_at as "endsAt", e.subscription_id as "subscriptionId",
           coalesce(h.quantity, 0) as here
    from entitlements e left join entitlement_shares h on h.local_account_id = e.local_account_id and h.license_id = e.license_id
      and h.local_virtual_account_id = a.local_virtual_account_id
    where e.local_account_id = a.local_account_id and e.tag_id = a.tag_id
    order by h.quantity is null, e.ends_at desc nulls last, e.license_id limit 50) l)`

const users = `(
  select coalesce(json_agg(u), '[]') from (
    select i.id, i.name, u.quantity, i.registered_at as "registeredAt", c.last_reported_at as "lastReportedAt"
    from (
      select k.product_instance_id, k.quantity from usage k
      where a.instances <= ${mostSorted} and k.local_account_id = a.local_account_id and k.tag_id = a.tag_id
        and k.local_virtual_account_id = a.local_virtual_account_id
      order by k.quantity desc, k.product_instance_id limit 5) u
      join product_instances i on i.id = u.product_instance_id
      left join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
    where i.local_account_id = a.local_account_id
    order by u.quantity desc, i.name) u)`

const loans = `(
  select coalesce(json_agg(b), '[]') from (
    select lender.display_name as "displayName", b.quantity
    from substitutions b join entitlement_tags lender on lender.id = b.lender_tag_id
    where b.local_account_id = a.local_account_id and b.local_virtual_account_id = a.local_virtual_account_id and b.borrower_tag_id = a.tag_id
    order by b.quantity desc, lender.display_name) b)`

const elsewhere = (scope: Scope) => `(
  select coalesce(json_agg(e), '[]') from (
    select json_build_object('id', o.id, 'name', o.name) as "localVirtualAccount", free.tag_id as "tagId", named.display_name as "displayName",
           free.tag_id <> a.tag_id as "standsIn", free.balance as surplus
    from authorizations free join local_virtual_accounts o on o.local_account_id = free.local_account_id and o.id = free.local_virtual_account_id
      join entitlement_tags named on named.id = free.tag_id
    where ${within(scope, 'free')} and free.local_virtual_account_id <> a.local_virtual_account_id and free.balance > 0
      and (free.tag_id = a.tag_id or free.tag_id in (
        select r.tag_id from entitlement_substitutions r where r.stands_in_for_tag_id = a.tag_id))
    order by free.tag_id <> a.tag_id, free.balance desc limit 10) e)`
