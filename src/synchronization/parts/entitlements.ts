import { recountPurchased } from '../../licensing/settleAuthorizations.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import type { Entitlement as Lot } from '../../rules/entitlements.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type Share, spreadLots } from '../../rules/shares.ts'
import type { Db } from '../../storage/db.ts'
import { deleteEntitlements, listEntitlements, listShares, replaceShares, upsertEntitlements } from '../../storage/entitlements.ts'
import { findEntitlementTags, listEntitlementTags, upsertEntitlementTags } from '../../storage/entitlementTags.ts'
import { recordEvents } from '../../storage/events.ts'
import { listLocalVirtualAccounts } from '../../storage/localVirtualAccounts.ts'
import { entitlementsDigest } from '../../wire/exchange/digests.ts'
import type { Entitlement, EntitlementNews } from '../../wire/exchange/entitlements.ts'
import { movements } from './movements.ts'

/** "full: `all[]`": a date that the cloud leaves open at the front is kept as the beginning of time. */
const always = new Date(0)

/** What the account will own when `news` is applied to what is known of it. */
export async function entitlementsAfter(tx: Db, localAccountId: number, news: EntitlementNews): Promise<Entitlement[]> {
  if ('all' in news) return news.all
  const after = new Map((await knownEntitlements(tx, localAccountId)).map(each => [each.license_id, each]))
  for (const change of news.changes) {
    if (change.op === 'delete') after.delete(change.license_id)
    else after.set(change.license_id, change)
  }
  return [...after.values()]
}

/** What the account owns by what is known here. */
export async function knownEntitlements(tx: Db, localAccountId: number): Promise<Entitlement[]> {
  const lots = await listEntitlements(tx, localAccountId)
  const tags = await listEntitlementTags(
    tx,
    lots.map(lot => lot.tagId),
  )
  return lots.map(lot => ({
    license_id: lot.licenseId,
    tag: tags.get(lot.tagId)!.tag,
    display_name: tags.get(lot.tagId)!.displayName,
    license_type: lot.licenseType,
    quantity: lot.quantity,
    start_date: lot.startsAt.getTime() === always.getTime() ? null : lot.startsAt.getTime(),
    end_date: lot.endsAt?.getTime() ?? null,
    subscription_id: lot.subscriptionId,
    export_restricted: lot.exportRestricted,
    status: lot.status,
  }))
}

/** "Over all entitlements after this response is applied". */
export const entitlementsAddUp = (after: Entitlement[], digest: string | null): boolean => entitlementsDigest(after) === digest

/**
 * Puts what the account owns in place: lots, their shares, events that say what came and went where, and what is purchased with all that
 * rests on it. Gives how many lots were put and how many are gone.
 */
export async function applyEntitlements(
  tx: Db,
  account: LocalAccount,
  after: Entitlement[],
  now: Date,
): Promise<{ put: number; gone: number }> {
  refuseUnless(new Set(after.map(each => each.license_id)).size === after.length, 'FILE_MALFORMED', 'The response names a license twice.')
  const before = await listEntitlements(tx, account.id)
  const lots = await toLots(tx, account.id, after)
  const shares = await listShares(tx, account.id)
  const places = await listLocalVirtualAccounts(tx, account.id)
  const spread = spreadTags(before, shares, lots, places.find(place => place.isDefault)!.id, now)
  const kept = new Set(lots.map(lot => lot.licenseId))
  const gone = before.map(lot => lot.licenseId).filter(id => !kept.has(id))
  await upsertEntitlements(tx, lots)
  await replaceShares(tx, account.id, spread)
  await deleteEntitlements(tx, account.id, gone)
  const tags = await listEntitlementTags(
    tx,
    [...before, ...lots].map(lot => lot.tagId),
  )
  await recordEvents(tx, movements({ localAccountId: account.id, before, lots, shares, spread, tags, places }, now))
  await recountPurchased(tx, account.id, now)
  return { put: lots.length, gone: gone.length }
}

/** Lots as they are kept; a tag that the catalog does not know yet is made known by the lot itself. */
async function toLots(tx: Db, localAccountId: number, entitlements: Entitlement[]): Promise<Lot[]> {
  const names = entitlements.map(each => each.tag)
  const known = await findEntitlementTags(tx, names)
  const unknown = new Map(entitlements.filter(each => !known.has(each.tag)).map(each => [each.tag, each]))
  if (unknown.size > 0) {
    await upsertEntitlementTags(
      tx,
      [...unknown.values()].map(each => ({
        tag: each.tag,
        displayName: each.display_name || each.tag,
        description: '',
        licenseType: each.license_type,
        exportRestricted: each.export_restricted,
      })),
    )
  }
  const tags = unknown.size > 0 ? await findEntitlementTags(tx, names) : known
  return entitlements.map(each => ({
    localAccountId,
    licenseId: each.license_id,
    tagId: tags.get(each.tag)!.id,
    licenseType: each.license_type,
    quantity: each.quantity,
    startsAt: each.start_date === null ? always : new Date(each.start_date),
    endsAt: each.end_date === null ? null : new Date(each.end_date),
    subscriptionId: each.subscription_id,
    exportRestricted: each.export_restricted,
    status: each.status ?? '',
  }))
}

/** The shares of every tag; a lot that now has another tag counts as gone from the one and new in the other. */
function spreadTags(before: Lot[], shares: Share[], after: Lot[], defaultId: number, now: Date): Share[] {
  const tagIds = new Set(after.map(lot => lot.tagId))
  return [...tagIds].flatMap(tagId => {
    const lotsBefore = before.filter(lot => lot.tagId === tagId)
    const ids = new Set(lotsBefore.map(lot => lot.licenseId))
    const sharesBefore = shares.filter(share => ids.has(share.licenseId))
    return spreadLots({ before: lotsBefore, shares: sharesBefore, after: after.filter(lot => lot.tagId === tagId), defaultId }, now)
  })
}
