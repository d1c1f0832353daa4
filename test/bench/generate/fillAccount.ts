import type { Context } from '../../../src/context.ts'
import type { KeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import { testTrust } from '../../support/authorityRows.ts'
import type { FilledAccount } from './accounts.ts'
import type { Catalog } from './catalog.ts'
import { insertCertificates } from './certificates.ts'
import { rosterIn } from './dataSet.ts'
import { insertHistory } from './history.ts'
import { insertContacts, insertInstances, insertUsage } from './instances.ts'
import { layOutKinds } from './kinds.ts'
import { layOutInstances } from './made.ts'
import { writeRoster } from './roster.ts'
import { crowdOf } from './sizes.ts'
import { insertTokens } from './tokens.ts'

/** What accounts are filled with: keys for certificates, the catalog, and where the roster goes. */
export type Means = { folder: string; pool: KeyPool; catalog: Catalog }

/** Fills an account in one transaction; the first one's instances become the roster as well. */
export async function fillAccount(
  context: Context,
  { folder, pool, catalog }: Means,
  { account, places, ordinal, products }: FilledAccount & { ordinal: number; products: number },
): Promise<void> {
  const tokens = await insertTokens(context, account.id, ordinal, places)
  const plot = { localAccountId: account.id, ordinal, crowd: crowdOf(products), places, tokens, now: context.clock.now() }
  await context.storage.transaction(async tx => {
    // No statistics know this account yet: the planner would expect one row of it, and join sixty thousand with sixty thousand one by one.
    await tx.raw('set local enable_nestloop = off')
    await layOutKinds(tx, catalog)
    await layOutInstances(tx, plot)
    await insertInstances(tx, plot)
    await insertContacts(tx, plot)
    await insertUsage(tx, plot)
    await insertCertificates(tx, context, plot, pool)
    await insertHistory(tx, plot)
    const root = (await testTrust()).root.pem
    if (ordinal === 0) await writeRoster(tx, context, { folder: rosterIn(folder), root, account, catalog, pool })
  })
}
