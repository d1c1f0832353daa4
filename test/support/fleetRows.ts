import type { Db } from '../../src/storage/db.ts'
import { insertCatalog } from './fleet/catalog.ts'
import { insertInstances } from './fleet/instances.ts'
import { insertLots } from './fleet/lots.ts'
import { insertTokensAndEvents } from './fleet/tokens.ts'
import { insertUsage } from './fleet/usage.ts'

const placeNames = ['Default', 'Branches', 'Campus', 'Data centre', 'Laboratory'] as const

/** What `fleetRows` filled: an account as a site has it, with the numbers its pages are asked by. */
export type Fleet = {
  localAccountId: number
  uuid: string
  places: Record<(typeof placeNames)[number], number>
  tags: Record<string, number>
}

/** How many products, at which moment; and the account, which is made where no account of this uuid is there. */
export type FleetOptions = { uuid: string; name?: string; products: number; now: Date }

/**
 * Fills an account with `products` product instances of a railway's network, what they use, and lots that cover it here and there.
 * Everything follows from the numbers, so that the same call makes the same rows. Nothing is settled: `recountPurchased` does that.
 */
export async function fleetRows(db: Db, options: FleetOptions): Promise<Fleet> {
  const { uuid, now, products } = options
  const localAccountId = await insertAccount(db, options)
  const places = await insertPlaces(db, localAccountId, now)
  const inOrder = placeNames.map(name => places[name])
  const tags = await insertCatalog(db)
  await insertInstances(db, localAccountId, inOrder, products, now)
  await insertUsage(db, localAccountId, tags)
  await insertLots(db, localAccountId, tags, inOrder, now)
  await insertTokensAndEvents(db, localAccountId, places, now)
  await db.raw('analyze')
  return { localAccountId, uuid, places, tags }
}

async function insertAccount(db: Db, { uuid, name, now }: FleetOptions): Promise<number> {
  const { rows } = await db.raw(
    `insert into local_accounts (uuid, name, state, smart_account_id, smart_account_name, virtual_account_id, virtual_account_name, requested_by,
       requested_at, registered_at, last_synchronized_at, next_synchronization_at)
     values (:uuid, :name, 'registered', 'sa-' || :uuid, 'Northwind Rail', 'va-' || :uuid, 'Operations', 'a.novak',
       :now::timestamptz - interval '140 days', :now::timestamptz - interval '139 days', :now::timestamptz - interval '12 days',
       :now::timestamptz + interval '18 days')
     on conflict (uuid) do update set next_synchronization_at = excluded.next_synchronization_at returning id`,
    { uuid, name: name ?? 'Northwind Rail', now },
  )
  return rows[0].id
}

async function insertPlaces(db: Db, localAccountId: number, now: Date): Promise<Fleet['places']> {
  const { rows } = await db.raw(
    `insert into local_virtual_accounts (local_account_id, name, is_default, created_at)
     select ?, name, name = 'Default', ? from unnest(?::text[]) as p (name)
     on conflict (local_account_id, lower(name)) do update set created_at = excluded.created_at returning id, name`,
    [localAccountId, now, [...placeNames]],
  )
  return Object.fromEntries(rows.map((row: { id: number; name: string }) => [row.name, row.id])) as Fleet['places']
}
