import type { Entitlement, LicenseType } from '../rules/entitlements.ts'
import type { EndingLots } from '../rules/licensingAlerts.ts'
import type { Share } from '../rules/shares.ts'
import type { Db } from './db.ts'

type Row = {
  local_account_id: number
  license_id: string
  tag_id: number
  license_type: LicenseType
  quantity: number
  starts_at: Date
  ends_at: Date | null
  subscription_id: string | null
  export_restricted: boolean
  status: string
}

const fromRow = (row: Row): Entitlement => ({
  localAccountId: row.local_account_id,
  licenseId: row.license_id,
  tagId: row.tag_id,
  licenseType: row.license_type,
  quantity: row.quantity,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  subscriptionId: row.subscription_id,
  exportRestricted: row.export_restricted,
  status: row.status,
})

const toRow = (lot: Entitlement): Row => ({
  local_account_id: lot.localAccountId,
  license_id: lot.licenseId,
  tag_id: lot.tagId,
  license_type: lot.licenseType,
  quantity: lot.quantity,
  starts_at: lot.startsAt,
  ends_at: lot.endsAt,
  subscription_id: lot.subscriptionId,
  export_restricted: lot.exportRestricted,
  status: lot.status,
})

/** Every lot of an account, or of one tag: in force, pending and ended. */
export async function listEntitlements(db: Db, localAccountId: number, tagId?: number): Promise<Entitlement[]> {
  const rows = await db<Row>('entitlements')
    .where({ local_account_id: localAccountId, ...(tagId !== undefined && { tag_id: tagId }) })
    .orderBy('license_id')
  return rows.map(fromRow)
}

/** Writes lots as they now stand; one that is the same costs no write. */
export async function upsertEntitlements(db: Db, lots: Entitlement[]): Promise<void> {
  if (lots.length === 0) return
  await db.raw(
    `insert into entitlements as e
     select * from jsonb_populate_recordset(null::entitlements, ?::jsonb)
     on conflict (local_account_id, license_id) do update set
       (tag_id, license_type, quantity, starts_at, ends_at, subscription_id, export_restricted, status) =
       (excluded.tag_id, excluded.license_type, excluded.quantity, excluded.starts_at, excluded.ends_at, excluded.subscription_id,
        excluded.export_restricted, excluded.status)
     where e is distinct from excluded`,
    [JSON.stringify(lots.map(toRow))],
  )
}

/** Takes lots away, and their shares with them. */
export async function deleteEntitlements(db: Db, localAccountId: number, licenseIds: string[]): Promise<void> {
  if (licenseIds.length === 0) return
  await db('entitlements').where({ local_account_id: localAccountId }).whereIn('license_id', licenseIds).delete()
}

/** How an account's lots, or these of them, are spread over its Local Virtual Accounts. */
export async function listShares(db: Db, localAccountId: number, licenseIds?: string[]): Promise<Share[]> {
  const all = db('entitlement_shares').where({ local_account_id: localAccountId }).orderBy(['license_id', 'local_virtual_account_id'])
  const rows: { license_id: string; local_virtual_account_id: number; quantity: number }[] = await (licenseIds
    ? all.whereIn('license_id', licenseIds)
    : all)
  return rows.map(row => ({ licenseId: row.license_id, localVirtualAccountId: row.local_virtual_account_id, quantity: row.quantity }))
}

/** Puts `shares` in place of all that an account had, or had of these lots; a share that is the same costs no write. */
export async function replaceShares(db: Db, localAccountId: number, shares: Share[], licenseIds?: string[]): Promise<void> {
  await db.raw(
    `with given as (select * from unnest(:licenses::text[], :places::integer[], :quantities::bigint[]) as g (license_id, place, quantity)),
     gone as (
       delete from entitlement_shares s
       where s.local_account_id = :account and (:lots::text[] is null or s.license_id = any(:lots::text[])) and not exists (
         select 1 from given g where g.license_id = s.license_id and g.place = s.local_virtual_account_id))
     insert into entitlement_shares as s (local_account_id, license_id, local_virtual_account_id, quantity)
     select :account::integer, g.license_id, g.place, g.quantity from given g
     on conflict (local_account_id, license_id, local_virtual_account_id)
     do update set quantity = excluded.quantity where s.quantity <> excluded.quantity`,
    {
      account: localAccountId,
      lots: licenseIds ?? null,
      licenses: shares.map(share => share.licenseId),
      places: shares.map(share => share.localVirtualAccountId),
      quantities: shares.map(share => share.quantity),
    },
  )
}

/** The accounts in which a lot began or ended after `since`, up to `now`. */
export async function listAccountsWithLotsTurning(db: Db, since: Date, now: Date): Promise<number[]> {
  const result = await db.raw(
    `select distinct e.local_account_id as id from entitlements e
     where (e.starts_at > :since and e.starts_at <= :now) or (e.ends_at > :since and e.ends_at <= :now) order by 1`,
    { since, now },
  )
  return result.rows.map((row: { id: number }) => row.id)
}

/** What has ended since `from` or will have ended by `to`, in accounts that are registered; lots of one tag that end at one moment are summed. */
export async function listEndingLots(db: Db, from: Date, to: Date): Promise<(EndingLots & { localAccountId: number })[]> {
  const { rows } = await db.raw(
    `select e.local_account_id as "localAccountId", e.tag_id as "tagId", t.display_name as "displayName", sum(e.quantity)::bigint as quantity,
            e.ends_at as "endsAt"
     from entitlements e join entitlement_tags t on t.id = e.tag_id join local_accounts l on l.id = e.local_account_id
     where e.ends_at > :from and e.ends_at <= :to and e.quantity > 0 and l.state = 'registered'
     group by 1, 2, 3, e.ends_at order by e.ends_at, e.tag_id`,
    { from, to },
  )
  return rows
}
