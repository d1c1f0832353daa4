import { type Entitlement, type LicenseType, lotStanding } from './entitlements.ts'
import { refuseUnless } from './refusal.ts'
import { byTerm, type Share } from './shares.ts'
import { grouped } from './words.ts'

/** A lot as far as moving it is concerned. */
export type MovableLot = Pick<Entitlement, 'licenseId' | 'licenseType' | 'startsAt' | 'endsAt'>

/** So many licenses of one tag from one Local Virtual Account to another; of lots of one billing type alone, where one is named. */
export type LotTransfer = { from: number; to: number; quantity: number; licenseType?: LicenseType | undefined }

/** How much of a lot went. */
export type MovedPart = { licenseId: string; quantity: number }

/** How many licenses a Local Virtual Account could give away: what it holds of the lots in force. */
export function movableQuantity(
  lots: MovableLot[],
  shares: Share[],
  { from, licenseType }: Pick<LotTransfer, 'from' | 'licenseType'>,
  now: Date,
) {
  const movable = new Set(lotsToMove(lots, licenseType, now).map(lot => lot.licenseId))
  return shares.reduce((sum, share) => sum + (share.localVirtualAccountId === from && movable.has(share.licenseId) ? share.quantity : 0), 0)
}

/**
 * Moves licenses of one tag: "an administrator transfers quantities between Local Virtual Accounts (whole lots or parts, longest term first),
 * never below zero purchased in the source". Lots in force move; a pending or an ended one stays where it is. Takes the tag's lots and all of
 * their shares; gives the shares as they are then, and which part of which lot went. Refuses what is no quantity, goes nowhere, or is more than
 * is held.
 */
export function transferLots(
  lots: MovableLot[],
  shares: Share[],
  transfer: LotTransfer,
  now: Date,
): { shares: Share[]; moved: MovedPart[] } {
  const { from, to, quantity, licenseType } = transfer
  refuseUnless(Number.isSafeInteger(quantity) && quantity >= 1, 'INVALID', 'Give a whole number of licenses, at least 1.', 'quantity')
  refuseUnless(from !== to, 'INVALID', 'Choose another Local Virtual Account than the one that the licenses are in.', 'target')
  const most = movableQuantity(lots, shares, transfer, now)
  const only = most === 0 ? 'None' : `Only ${grouped(most)}`
  refuseUnless(quantity <= most, 'CONFLICT', `${only} can be transferred from there, and not ${grouped(quantity)}.`, 'quantity')
  const held = new Map(shares.map(share => [keyOf(share.licenseId, share.localVirtualAccountId), share]))
  const moved: MovedPart[] = []
  let left = quantity
  for (const { licenseId } of lotsToMove(lots, licenseType, now)) {
    const part = Math.min(left, held.get(keyOf(licenseId, from))?.quantity ?? 0)
    if (part === 0) continue
    left -= part
    moved.push({ licenseId, quantity: part })
    add(held, { licenseId, localVirtualAccountId: from, quantity: -part })
    add(held, { licenseId, localVirtualAccountId: to, quantity: part })
  }
  return { shares: [...held.values()].filter(share => share.quantity > 0), moved }
}

const lotsToMove = (lots: MovableLot[], licenseType: LicenseType | undefined, now: Date) =>
  lots.filter(lot => lotStanding(lot, now) === 'in force' && (!licenseType || lot.licenseType === licenseType)).sort(byTerm)

const keyOf = (licenseId: string, place: number) => `${place}/${licenseId}`

function add(held: Map<string, Share>, change: Share): void {
  const key = keyOf(change.licenseId, change.localVirtualAccountId)
  held.set(key, { ...change, quantity: (held.get(key)?.quantity ?? 0) + change.quantity })
}
