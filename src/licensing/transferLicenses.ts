import type { Context } from '../context.ts'
import type { LocalVirtualAccount } from '../rules/accounts.ts'
import type { LicenseType } from '../rules/entitlements.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { may, type Person } from '../rules/roles.ts'
import { transferLots } from '../rules/transfers.ts'
import { grouped } from '../rules/words.ts'
import type { Db } from '../storage/db.ts'
import { listEntitlements, listShares, replaceShares } from '../storage/entitlements.ts'
import { listEntitlementTags } from '../storage/entitlementTags.ts'
import { recordEvents } from '../storage/events.ts'
import { lockLocalAccount } from '../storage/localAccounts.ts'
import { getLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'
import { recountPurchased } from './settleAuthorizations.ts'

/** So many of a tag; of lots of one billing type alone, where one is named. */
export type TransferredLicense = { tagId: number; quantity: number; licenseType?: LicenseType | undefined }

/** What goes from where to where. */
export type LicenseTransfer = { localAccountId: number; from: number; to: number; licenses: TransferredLicense[] }

/**
 * Moves licenses between two Local Virtual Accounts, all of them or none: "an administrator transfers quantities …, never below zero purchased in
 * the source"; what rests on them is settled in the same transaction. Whoever transfers must be allowed to in both places. Refuses more than is
 * held.
 */
export async function transferLicenses(
  context: Context,
  who: Person,
  { localAccountId, from, to, licenses }: LicenseTransfer,
): Promise<void> {
  for (const localVirtualAccountId of [from, to]) {
    const allowed = may(who, 'transfer licenses', { localAccountId, localVirtualAccountId })
    refuseUnless(allowed, 'NOT_ALLOWED', 'Transferring needs a role in both Local Virtual Accounts.')
  }
  const now = context.clock.now()
  await context.storage.transaction(async tx => {
    // A synchronization spreads lots anew, and holds the account meanwhile.
    await lockLocalAccount(tx, localAccountId)
    const places = [await getLocalVirtualAccount(tx, localAccountId, from), await getLocalVirtualAccount(tx, localAccountId, to)] as const
    for (const license of licenses) await transferLicense(tx, who, places, license, now)
    await recountPurchased(tx, localAccountId, now)
  })
}

async function transferLicense(
  tx: Db,
  who: Person,
  [from, to]: readonly [LocalVirtualAccount, LocalVirtualAccount],
  { tagId, quantity, licenseType }: TransferredLicense,
  now: Date,
): Promise<void> {
  const { localAccountId } = from
  const lots = await listEntitlements(tx, localAccountId, tagId)
  const lotIds = lots.map(lot => lot.licenseId)
  const shares = await listShares(tx, localAccountId, lotIds)
  const { shares: after } = transferLots(lots, shares, { from: from.id, to: to.id, quantity, licenseType }, now)
  await replaceShares(tx, localAccountId, after, lotIds)
  const name = (await listEntitlementTags(tx, [tagId])).get(tagId)!.displayName
  await recordEvents(
    tx,
    [from, to].map(place => ({
      localAccountId,
      localVirtualAccountId: place.id,
      tagId,
      at: now,
      kind: 'licenses transferred' as const,
      message: `${grouped(quantity)} of ${name} ${quantity === 1 ? 'was' : 'were'} transferred from ${from.name} to ${to.name}.`,
      who: who.name,
    })),
  )
}
