import { writeFileSync } from 'node:fs'
import type { Context } from '../../../src/context.ts'
import type { LocalAccount } from '../../../src/rules/accounts.ts'
import { day, later } from '../../../src/rules/clock.ts'
import { insertLocalVirtualAccount } from '../../../src/storage/localVirtualAccounts.ts'
import { registeredAccount } from '../../support/account.ts'
import { testTrust } from '../../support/authorityRows.ts'
import { deterministicUuid } from './deterministic.ts'

const names =
  `Northwind Rail, Harbour Authority, Meridian Bank, Larch Hospitals, Alder Energy, Saltmarsh Water, Copperfield Stores, Juniper Foods,
  Highland Ferries, Ironbridge Steel, Lantern Insurance, Quarry Cement, Willow Schools, Beacon Broadcasting, Cedar Logistics, Falcon Airports,
  Granite Telecom, Heron Chemicals, Orchard Retail, Pinewood Paper, Sandstone Mining, Thistle Brewing, Ulmus Motors`.split(/,\s+/)
const placeNames =
  `Branches North, Branches South, Branches East, Branches West, Campus, Data Centres, Contact Centres, Factories, Warehouses, Retail,
  Overseas, Partners, Projects, Laboratory, Spares`.split(/,\s+/)

/** A Local Account with the numbers of its Local Virtual Accounts, Default first. */
export type FilledAccount = { account: LocalAccount; places: number[] }

/**
 * Registers the account that stands in this place of the list, with its keys and sixteen Local Virtual Accounts: as many for a small one as
 * for a large one.
 */
export async function insertAccount(context: Context, ordinal: number): Promise<FilledAccount> {
  const now = context.clock.now()
  const name = names[ordinal] ?? `Account ${ordinal}`
  const { account, place } = await registeredAccount(context, {
    uuid: deterministicUuid(`account ${ordinal}`),
    name,
    smartAccount: { id: deterministicUuid(`smart account ${ordinal}`), name: `${name} plc` },
    virtualAccount: { id: deterministicUuid(`virtual account ${ordinal}`), name: 'Operations' },
    requestedAt: later(now, -901 * day),
    registeredAt: later(now, -900 * day),
    lastSynchronizedAt: later(now, -(ordinal % 29) * day),
  })
  const places = [place.id]
  for (const name of placeNames)
    places.push((await insertLocalVirtualAccount(context.storage.db, { localAccountId: account.id, name, createdAt: now })).id)
  return { account, places }
}

/** An account without products, which the benchmark registers its own in and empties again. */
export const insertYard = (context: Context): Promise<{ account: LocalAccount }> =>
  registeredAccount(context, { uuid: deterministicUuid('yard'), name: 'Benchmark' })

/** Keeps the licensing root that these accounts lead to. */
export const keepLicensingRoot = async (file: string): Promise<void> => writeFileSync(file, (await testTrust()).root.pem)
