import type { Context } from '../../../src/context.ts'
import { makeKeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import { type FilledAccount, insertAccount, insertYard, keepLicensingRoot } from './accounts.ts'
import { insertCatalog } from './catalog.ts'
import { countUse, settle } from './counters.ts'
import { type DataSet, licensingRootIn } from './dataSet.ts'
import { fillAccount, type Means } from './fillAccount.ts'
import { createIndexes, dropIndexes } from './indexes.ts'
import { insertLots } from './lots.ts'
import type { Told } from './progress.ts'
import { instancesOf } from './sizes.ts'

/** As many keys as a fleet has by itself, or fewer for a small one: making one takes long. */
const keysFor = (products: number[]) => Math.min(32, Math.ceil(products.reduce((sum, count) => sum + count, 0) / 100))
const atOnce = 2

/** What a data set is about. */
type Made = Pick<DataSet, 'accounts' | 'yard' | 'lastEvent' | 'bytes'>

/**
 * Fills an empty database with a server whose accounts have so many products each: accounts, catalog, tokens, instances with certificates,
 * usage, history, lots; all settled by the server's own verbs. Everything but keys, secrets and what is signed follows from these numbers
 * and the moment that the context's clock stands at.
 */
export async function generate(context: Context, folder: string, products: number[], told: Told): Promise<Made> {
  const { db } = context.storage
  await refuseUnlessEmpty(context)
  await keepLicensingRoot(licensingRootIn(folder))
  const [pool, catalog, yard] = [await makeKeyPool(keysFor(products)), await insertCatalog(db), await insertYard(context)]
  const dropped = await dropIndexes(db)
  const accounts = await fillAccounts(context, { folder, pool, catalog }, products, told)
  await createIndexes(db, dropped, statement => told(statement.replace(/ USING .*| FOREIGN .*| PRIMARY .*/s, '')))
  await db.raw('vacuum (analyze)')
  told('vacuumed and analysed')
  await context.storage.transaction(countUse)
  for (const [ordinal, { account }] of accounts.entries()) {
    await insertLots(db, account.id, ordinal, catalog, context.clock.now())
    await settle(context, account.id)
  }
  await db.raw('analyze')
  told('counted and settled')
  return { accounts: accounts.map(listed(products)), yard: yard.account.id, ...(await factsOf(context)) }
}

async function refuseUnlessEmpty({ storage }: Context): Promise<void> {
  if (await storage.db('local_accounts').first()) throw new Error('The database is not empty: name an empty one, or another folder.')
}

/**
 * Fills accounts, two at once: the database has two cores. They stand in the database beforehand, in their order, so that each has the same
 * number every time.
 */
async function fillAccounts(context: Context, means: Means, products: number[], told: Told): Promise<FilledAccount[]> {
  const accounts: FilledAccount[] = []
  for (const ordinal of products.keys()) accounts.push(await insertAccount(context, ordinal))
  const left = accounts.entries()
  const work = async () => {
    for (const [ordinal, filled] of left) {
      await fillAccount(context, means, { ...filled, ordinal, products: products[ordinal]! })
      told(`${filled.account.name}: ${products[ordinal]!.toLocaleString('en')} products`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return accounts
}

const listed =
  (products: number[]) =>
  ({ account: { id, uuid, name } }: FilledAccount, ordinal: number) => ({
    id,
    uuid,
    name,
    products: products[ordinal]!,
    instances: instancesOf(products[ordinal]!),
  })

async function factsOf({ storage }: Context): Promise<Pick<DataSet, 'lastEvent' | 'bytes'>> {
  const { rows } = await storage.db.raw(
    'select (select coalesce(max(id), 0) from events) as "lastEvent", pg_database_size(current_database()) as bytes',
  )
  return rows[0]
}
