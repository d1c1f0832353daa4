import type { Db } from '../../src/storage/db.ts'
import { insertCatalog } from './fleet/catalog.ts'
import { insertInstances } from './fleet/instances.ts'
import { insertLots } from './fleet/lots.ts'
import { insertTokensAndEvents } from './fleet/tokens.ts'
import { insertUsage } from './fleet/usage.ts'

/** What `fleetRows` filled: an account as a site has it, with the numbers its pages are asked by. */
export type Fleet = {
  localAccountId: number
  uuid: string
  places: Record<'Default' | 'Branches' | 'Campus' | 'Data centre' | 'Laboratory', number>
  tags: Record<string, number>
}

const placeNames = ['Default', 'Branches', 'Campus', 'Data centre', 'Laboratory'] as const

/**
 * Fills a registered account with `products` product instances of a railway's network, what they use, and lots that cover it here and there.
 * Everything follows from the numbers, so that the same call makes the same rows. Nothing is settled: `recountPurchased` does that.
 */
export async function fleetRows(db: Db, options: { name?: string; uuid: string; products: number; now: Date }): Promise<Fleet> {
  const { now, products } = options
  const { rows: accounts } = await db.raw(
    `insert into local_accounts (uuid, name, state, smart_account_id, smart_account_name, virtual_account_id, virtual_account_name, requested_by,
       requested_at, registered_at, last_synchronized_at, next_synchronization_at)
     values (:uuid, :name, 'registered', 'sa-' || :uuid, 'Northwind Rail', 'va-' || :uuid, 'Operations', 'a.novak',
       :now::timestamptz - interval '140 days', :now::timestamptz - interval '139 days', :now::timestamptz - interval '12 days',
       :now::timestamptz + interval '18 days') returning id`,
    { uuid: options.uuid, name: options.name ?? 'Northwind Rail', now },
  )
  const localAccountId: number = accounts[0].id
  const { rows: places } = await db.raw(
    `insert into local_virtual_accounts (local_account_id, name, is_default, created_at)
     select ?, name, name = 'Default', ? from unnest(?::text[]) as p (name) returning id, name`,
    [localAccountId, now, [...placeNames]],
  )
  const placeIds = Object.fromEntries(places.map((row: { id: number; name: string }) => [row.name, row.id])) as Fleet['places']
  const tags = await insertCatalog(db)
  await insertInstances(
    db,
    localAccountId,
    placeNames.map(name => placeIds[name]),
    products,
    now,
  )
  await insertUsage(db, localAccountId, tags)
  await insertLots(
    db,
    localAccountId,
    tags,
    placeNames.map(name => placeIds[name]),
    now,
  )
  await insertTokensAndEvents(db, localAccountId, placeIds, now)
  await db.raw('analyze')
  return { localAccountId, uuid: options.uuid, places: placeIds, tags }
}
