import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import type { Fleet } from './fleetRows.ts'
import { fleetRows } from './fleetRows.ts'
import { openSite, type Site } from './site.ts'

/** A site whose account holds a railway's network, settled. */
export type Rail = Site & { fleet: Fleet }

/** Opens it; the cast of one Local Virtual Account works in Default. */
export async function openRail(products = 400, options: { start?: Date; patience?: number } = {}): Promise<Rail> {
  const site = await openSite(options)
  const now = site.clock.now()
  const { storage } = site.context
  const fleet = await fleetRows(storage.db, { uuid: site.home.account.uuid, products, now })
  await storage.transaction(tx => recountPurchased(tx, fleet.localAccountId, now))
  return Object.assign(site, { fleet })
}
