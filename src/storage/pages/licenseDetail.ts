import type { LicenseType } from '../../rules/entitlements.ts'
import type { ShortageFacts } from '../../rules/why.ts'
import type { Db } from '../db.ts'
import { type UsageDay, type UsageSpan, usageDays } from '../usageHistory.ts'
import { withDates } from './dates.ts'
import { type EventRow, eventColumns, eventSource } from './eventRows.ts'
import { type LicenseSums, licenseSums } from './licenseRows.ts'
import { type Scope, scopeBindings, within } from './scope.ts'
import { shortagesWithin, withShortageDates } from './shortageFacts.ts'

/** A tag in one Local Virtual Account. */
export type LicensePlace = Omit<LicenseSums, 'places' | 'placesShort'> & {
  localVirtualAccountId: number
  name: string
  outOfComplianceSince: Date | null
}

/** A lot, and how much of it each Local Virtual Account holds. */
export type LicenseLot = {
  licenseId: string
  licenseType: LicenseType
  quantity: number
  startsAt: Date
  endsAt: Date | null
  subscriptionId: string | null
  shares: { name: string; quantity: number }[]
}

/** One tag standing in for another in a Local Virtual Account. */
export type LicenseLoan = {
  localVirtualAccount: string
  quantity: number
  lender: { tagId: number; displayName: string }
  borrower: { tagId: number; displayName: string }
}

/** What every page of one license begins with. */
export type LicenseHead = LicenseSums & {
  tagId: number
  tag: string
  displayName: string
  description: string
  licenseType: LicenseType
  exportRestricted: boolean
}

export type LicenseDetail = LicenseHead & {
  byPlace: LicensePlace[]
  lots: LicenseLot[]
  loans: LicenseLoan[]
  /** What is known of each place in which it is short. */
  shortages: ShortageFacts[]
}

/** A page shows no more places, lots and loans than this; the shortest of places, the newest of lots. */
const most = 50

/** One license that the scope knows, or undefined; `more` are further columns. */
async function findLicense<Row extends LicenseHead>(
  db: Db,
  scope: Scope,
  tagId: number,
  more = '',
  bindings: Record<string, string> = {},
): Promise<Row | undefined> {
  const result = await db.raw(
    `select t.id as "tagId", t.tag, t.display_name as "displayName", t.description, t.license_type as "licenseType",
            t.export_restricted as "exportRestricted", s.*${more}
     from entitlement_tags t cross join lateral (${licenseSums(scope)}) s
     where t.id = :tag and s.places > 0`,
    { ...scopeBindings(scope), ...bindings, tag: tagId },
  )
  return result.rows[0]
}

/** A license's name and sums, or undefined where the scope does not know it. One query. */
export const findLicenseHead = (db: Db, scope: Scope, tagId: number): Promise<LicenseHead | undefined> => findLicense(db, scope, tagId)

/** Everything about one license of an account but its instances and events, or undefined where the scope does not know it. One query. */
export async function findLicenseDetail(db: Db, scope: Scope, tagId: number): Promise<LicenseDetail | undefined> {
  const more = `, ${places(scope)} as "byPlace", ${lots(scope)} as lots, ${loans(scope)} as loans,
    (select coalesce(json_agg(f), '[]') from (${shortagesWithin(scope)}) f) as shortages`
  const license = await findLicense<LicenseDetail>(db, scope, tagId, more)
  if (!license) return undefined
  withDates(license.byPlace, 'outOfComplianceSince')
  withDates(license.lots, 'startsAt', 'endsAt')
  withShortageDates(license.shortages)
  return license
}

/** A license with its lots and what was purchased and in use of it in a span of days, or undefined where the scope does not know it. One query. */
export async function findLicenseHistory(
  db: Db,
  scope: Scope,
  tagId: number,
  span: UsageSpan,
): Promise<(LicenseHead & { lots: LicenseLot[]; usage: UsageDay[] }) | undefined> {
  const more = `, ${lots(scope)} as lots, ${usageDays(scope, 't.id')} as usage`
  const license = await findLicense<LicenseHead & { lots: LicenseLot[]; usage: UsageDay[] }>(db, scope, tagId, more, span)
  if (license) withDates(license.lots, 'startsAt', 'endsAt')
  return license
}

/** A license with the latest events that name it, the newest first, or undefined where the scope does not know it. One query. */
export async function findLicenseEvents(db: Db, scope: Scope, tagId: number): Promise<(LicenseHead & { events: EventRow[] }) | undefined> {
  const more = `, (select coalesce(json_agg(e), '[]') from (
    select ${eventColumns} from ${eventSource('events')}
    where e.tag_id = t.id and ${within(scope, 'e')} order by e.id desc limit ${most}) e) as events`
  const license = await findLicense<LicenseHead & { events: EventRow[] }>(db, scope, tagId, more)
  if (license) withDates(license.events, 'at')
  return license
}

const places = (scope: Scope) => `(
  select coalesce(json_agg(p), '[]') from (
    select v.id as "localVirtualAccountId", v.name, a.purchased, a.in_use as "inUse", a.reserved, a.borrowed, a.lent, a.balance, a.instances,
           a.out_of_compliance_since as "outOfComplianceSince"
    from authorizations a join local_virtual_accounts v on v.local_account_id = a.local_account_id and v.id = a.local_virtual_account_id
    where ${within(scope, 'a')} and a.tag_id = t.id order by least(a.balance, 0), v.is_default desc, v.name limit ${most}) p)`

/** A person who sees some Local Virtual Accounts sees the lots that have a share in them, and those shares. */
const lots = (scope: Scope) => `(
  select coalesce(json_agg(l), '[]') from (
    select e.license_id as "licenseId", e.license_type as "licenseType", e.quantity, e.starts_at as "startsAt", e.ends_at as "endsAt",
           e.subscription_id as "subscriptionId", s.shares
    from entitlements e cross join lateral (
      select coalesce(json_agg(json_build_object('name', v.name, 'quantity', h.quantity) order by v.is_default desc, v.name), '[]') as shares
      from entitlement_shares h join local_virtual_accounts v on v.local_account_id = h.local_account_id and v.id = h.local_virtual_account_id
      where h.license_id = e.license_id and ${within(scope, 'h')}) s
    where e.local_account_id = :account and e.tag_id = t.id
      ${scope.reach === 'all' ? '' : 'and json_array_length(s.shares) > 0'}
    order by e.ends_at desc nulls first, e.starts_at desc, e.license_id limit ${most}) l)`

const loans = (scope: Scope) => `(
  select coalesce(json_agg(n), '[]') from (
    select v.name as "localVirtualAccount", b.quantity,
           json_build_object('tagId', lender.id, 'displayName', lender.display_name) as lender,
           json_build_object('tagId', borrower.id, 'displayName', borrower.display_name) as borrower
    from substitutions b join local_virtual_accounts v on v.local_account_id = b.local_account_id and v.id = b.local_virtual_account_id
      join entitlement_tags lender on lender.id = b.lender_tag_id join entitlement_tags borrower on borrower.id = b.borrower_tag_id
    where ${within(scope, 'b')} and t.id in (b.lender_tag_id, b.borrower_tag_id)
    order by v.is_default desc, v.name, lender.display_name, borrower.display_name limit ${most}) n)`
