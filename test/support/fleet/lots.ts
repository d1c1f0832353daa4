import type { Db } from '../../../src/storage/db.ts'
import { catalog } from './catalog.ts'

/** Percent of what each place uses that was bought for it: some are short, some have plenty. */
const coverage: Record<string, number[]> = {
  'Network Essentials': [105, 97, 112, 100, 130],
  'Network Advantage': [140, 100, 100, 94, 110],
  'Network Premier': [100, 100, 100, 116, 100],
  'Throughput 1 Gbit/s': [120, 103, 100, 100, 100],
  'Throughput 10 Gbit/s': [100, 100, 100, 109, 120],
  'Wireless Access Point': [100, 100, 93, 100, 110],
  'Threat Defence': [180, 100, 100, 100, 100],
  'Remote Access Session': [150, 92, 100, 100, 100],
  'Voice Session Border': [100, 118, 100, 100, 100],
  'Strong Cryptography': [100, 108, 100, 101, 100],
  'Traffic Telemetry': [0, 0, 0, 0, 0],
}

type Lot = { suffix: string; shares: Map<number, number>; starts: number; ends: number | null }

/** For each tag two lots with a share in each place; for access points also one that ended and one that is still to begin. */
export async function insertLots(db: Db, localAccountId: number, tags: Record<string, number>, places: number[], now: Date): Promise<void> {
  for (const [name, type] of catalog) {
    const tag = { localAccountId, id: tags[name]!, type, now }
    for (const lot of await lotsOf(db, tag, name, places)) await insertLot(db, tag, lot)
  }
}

type Tag = { localAccountId: number; id: number; type: string; now: Date }

async function lotsOf(db: Db, tag: Tag, name: string, places: number[]): Promise<Lot[]> {
  const { rows } = await db.raw(
    'select local_virtual_account_id as place, in_use as "inUse" from authorizations where local_account_id = ? and tag_id = ?',
    [tag.localAccountId, tag.id],
  )
  const inUse = new Map<number, number>(rows.map((row: { place: number; inUse: number }) => [row.place, row.inUse]))
  const covered = places.map((place, index) => Math.ceil(((inUse.get(place) ?? 0) * coverage[name]![index]!) / 100))
  const part = (of: (quantity: number) => number) => new Map(places.map((place, index) => [place, of(covered[index]!)]))
  const first = (quantity: number) => Math.ceil(quantity * 0.6)
  const perpetual = tag.type === 'PERPETUAL'
  const lots: Lot[] = [
    { suffix: 'A', shares: part(first), starts: -130, ends: perpetual ? null : 235 },
    {
      suffix: 'B',
      shares: part(quantity => quantity - first(quantity)),
      starts: -90,
      ends: perpetual ? null : name === 'Threat Defence' ? 21 : 275,
    },
  ]
  const campus = places[2]!
  if (name === 'Wireless Access Point') {
    lots.push({ suffix: 'C', shares: new Map([[campus, 600]]), starts: -373, ends: -8 })
    lots.push({ suffix: 'D', shares: new Map([[campus, 1000]]), starts: 16, ends: 381 })
  }
  return lots.filter(lot => sumOf(lot) > 0)
}

const sumOf = (lot: Lot) => [...lot.shares.values()].reduce((sum, quantity) => sum + quantity, 0)

async function insertLot(db: Db, tag: Tag, lot: Lot): Promise<void> {
  const license = `L${String(tag.id).padStart(4, '0')}-${lot.suffix}`
  await db.raw(
    `insert into entitlements (local_account_id, license_id, tag_id, license_type, quantity, starts_at, ends_at, subscription_id, status)
     values (:account, :license, :tag, :type, :quantity, :now::timestamptz + :starts * interval '1 day',
       :now::timestamptz + :ends::integer * interval '1 day', :subscription, 'ACTIVE')`,
    {
      account: tag.localAccountId,
      license,
      tag: tag.id,
      type: tag.type,
      quantity: sumOf(lot),
      now: tag.now,
      starts: lot.starts,
      ends: lot.ends,
      subscription: tag.type === 'SUBSCRIPTION' ? `SUB-${10_000 + tag.id}` : null,
    },
  )
  for (const [place, quantity] of lot.shares) {
    if (quantity > 0) await db.raw('insert into entitlement_shares values (?, ?, ?, ?)', [tag.localAccountId, license, place, quantity])
  }
}
