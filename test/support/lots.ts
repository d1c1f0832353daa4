import type { Context } from '../../src/context.ts'
import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import type { RegisteredAccount } from './account.ts'

/** The tags that were bought, by their short names: as the wire has them, and by their numbers in the catalog. */
export type TestLots<Name extends string = string> = { tags: Record<Name, string>; ids: Record<Name, number> }

/** Buys so many of each for an account: one lot a name, perpetual, all of it in the Default Local Virtual Account. */
export async function insertLots<Name extends string>(
  context: Context,
  { account, place }: RegisteredAccount,
  quantities: Record<Name, number>,
): Promise<TestLots<Name>> {
  const now = context.clock.now()
  const lots: TestLots = { tags: {}, ids: {} }
  await context.storage.transaction(async tx => {
    for (const [name, quantity] of Object.entries<number>(quantities)) {
      const tag = `regid.2020-01.com.example.${name},1.0_00000000-0000-4000-8000-000000000001`
      const [row] = await tx('entitlement_tags').insert({ tag, display_name: name }).onConflict('tag').merge().returning('id')
      const lot = { local_account_id: account.id, license_id: `lot of ${name}`, quantity }
      await tx('entitlements').insert({ ...lot, tag_id: row.id, license_type: 'PERPETUAL', starts_at: now, status: 'ACTIVE' })
      if (quantity > 0) await tx('entitlement_shares').insert({ ...lot, local_virtual_account_id: place.id })
      lots.tags[name] = tag
      lots.ids[name] = row.id
    }
    await recountPurchased(tx, account.id, now)
  })
  return lots as TestLots<Name>
}
