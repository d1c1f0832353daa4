import type { LicenseType } from '../../../src/rules/entitlements.ts'
import type { Db } from '../../../src/storage/db.ts'
import type { Catalog } from './catalog.ts'
import { numberBelow } from './deterministic.ts'

type Need = { tagId: number; place: number; inUse: number }
type Lot = {
  license: string
  tagId: number
  type: LicenseType
  starts: number
  ends: number | null
  subscription: string | null
  shares: Map<number, number>
}

/** One in this many pairs of tag and Local Virtual Account has too few licenses. */
const shortOneIn = 24

/**
 * Buys an account its licenses: for each tag three lots in force that cover its use in most Local Virtual Accounts and fall short in some,
 * one that has ended, and for one tag in four one that is still to begin. Two tags are bought and not used. Needs the counters of use.
 */
export async function insertLots(db: Db, localAccountId: number, ordinal: number, catalog: Catalog, now: Date): Promise<void> {
  const { rows } = await db.raw(
    `select tag_id as "tagId", local_virtual_account_id as place, in_use as "inUse" from authorizations where local_account_id = ?`,
    [localAccountId],
  )
  const needs = Map.groupBy(rows as Need[], need => need.tagId)
  const [home] = rows.length > 0 ? [Math.min(...(rows as Need[]).map(need => need.place))] : []
  const lots = [...catalog.values()].flatMap(tag =>
    lotsOf(tag, needs.get(tag.id) ?? [{ tagId: tag.id, place: home!, inUse: 100 }], ordinal),
  )
  await insertRows(db, localAccountId, lots, now)
}

/** The lots in force: where each ends among a hundred licenses, how many days ago it began, and for how long it is. */
const inForce = [
  { name: 'A', from: 0, to: 0.5, starts: -700, life: 1095 },
  { name: 'B', from: 0.5, to: 0.8, starts: -300, life: 730 },
  { name: 'C', from: 0.8, to: 1, starts: -30, life: 365 },
]

function lotsOf({ id, licenseType }: { id: number; licenseType: LicenseType }, needs: Need[], ordinal: number): Lot[] {
  const lot = (name: string, starts: number, life: number, shares: Map<number, number>): Lot => ({
    license: `L${String(id).padStart(4, '0')}-${name}`,
    tagId: id,
    type: licenseType,
    starts,
    ends: licenseType === 'PERPETUAL' ? null : starts + life + numberBelow(200, `term ${ordinal} ${id} ${name}`),
    subscription: licenseType === 'SUBSCRIPTION' ? `SUB-${10_000 + id}` : null,
    shares,
  })
  const part = (from: number, to: number) =>
    new Map(needs.map(need => [need.place, Math.floor(bought(ordinal, need) * to) - Math.floor(bought(ordinal, need) * from)]))
  const lots = inForce.map(({ name, from, to, starts, life }) => lot(name, starts, life, part(from, to)))
  const ended = { ...lot('E', -1200, 365, part(0, 0.1)), ends: -400 }
  const pending = numberBelow(4, `pending ${ordinal} ${id}`) === 0 ? [lot('P', 20, 365, part(0, 0.1))] : []
  return [...lots, ended, ...pending].filter(lot => sumOf(lot) > 0)
}

/** How much of a tag a Local Virtual Account holds: a little more than it uses, or a little less. */
function bought(ordinal: number, { tagId, place, inUse }: Need): number {
  const chance = `bought ${ordinal} ${tagId} ${place}`
  if (numberBelow(shortOneIn, chance) > 0) return Math.ceil(inUse * (1.02 + numberBelow(40, `${chance} more`) / 100))
  return Math.max(0, inUse - Math.ceil(inUse * (0.01 + numberBelow(9, `${chance} less`) / 100)))
}

const sumOf = (lot: Lot) => [...lot.shares.values()].reduce((sum, quantity) => sum + quantity, 0)

async function insertRows(db: Db, localAccountId: number, lots: Lot[], now: Date): Promise<void> {
  await db.raw(
    `insert into entitlements (local_account_id, license_id, tag_id, license_type, quantity, starts_at, ends_at, subscription_id, status)
     select :account, l.license, l.tag, l.type, l.quantity, :now::timestamptz + l.starts * interval '1 day',
       :now::timestamptz + l.ends * interval '1 day', l.subscription, 'ACTIVE'
     from jsonb_to_recordset(:lots::jsonb)
       as l (license text, tag integer, type text, quantity bigint, starts integer, ends integer, subscription text)`,
    { account: localAccountId, now, lots: JSON.stringify(lots.map(lot => ({ ...lot, tag: lot.tagId, quantity: sumOf(lot) }))) },
  )
  const shares = lots.flatMap(lot => [...lot.shares].map(([place, quantity]) => ({ license: lot.license, place, quantity })))
  await db.raw(
    `insert into entitlement_shares (local_account_id, license_id, local_virtual_account_id, quantity)
     select :account, s.* from jsonb_to_recordset(:shares::jsonb) as s (license text, place integer, quantity bigint) where s.quantity > 0`,
    { account: localAccountId, shares: JSON.stringify(shares) },
  )
}
