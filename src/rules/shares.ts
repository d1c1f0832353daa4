import { type Entitlement, lotStanding } from './entitlements.ts'

/** How much of a lot is in a Local Virtual Account. */
export type Share = { licenseId: string; localVirtualAccountId: number; quantity: number }

/** A lot, as far as spreading it is concerned. */
export type Lot = Pick<Entitlement, 'licenseId' | 'quantity' | 'startsAt' | 'endsAt'>

/** How the lots of one tag were spread, and what the cloud now says of them. */
export type Spread = { before: Lot[]; shares: Share[]; after: Lot[]; defaultId: number }

/**
 * Spreads the lots of one tag after the cloud changed them. "Synchronized entitlements land in the *Default* Local Virtual Account"; "when the
 * cloud takes entitlements away, the loss comes off Default first, then off the others in order of size".
 * Lots in force are weighed together, because a license of one stands for a license of another; a pending or an ended one stands alone.
 */
export function spreadLots({ before, shares, after, defaultId }: Spread, now: Date): Share[] {
  const inForce = new Set(after.filter(lot => lotStanding(lot, now) === 'in force').map(lot => lot.licenseId))
  const wasInForce = new Set(before.filter(lot => lotStanding(lot, now) === 'in force').map(lot => lot.licenseId))
  const weighed = shares.filter(share => inForce.has(share.licenseId) || wasInForce.has(share.licenseId))
  const apart = after.filter(lot => !inForce.has(lot.licenseId))
  return [
    ...respread(
      weighed,
      after.filter(lot => inForce.has(lot.licenseId)),
      defaultId,
    ),
    ...apart.flatMap(lot =>
      respread(
        shares.filter(share => share.licenseId === lot.licenseId),
        [lot],
        defaultId,
      ),
    ),
  ]
}

/** Puts `lots` where `shares` were: what each Local Virtual Account shall have is decided first, and then out of which lots. */
function respread(shares: Share[], lots: Lot[], defaultId: number): Share[] {
  const due = totalsAfter(shares, sum(lots), defaultId)
  const longestFirst = [...lots].sort(byTerm)
  const kept = longestFirst.flatMap(lot =>
    keepOfLot(
      shares.filter(share => share.licenseId === lot.licenseId),
      lot.quantity,
      defaultId,
    ),
  )
  const held = [...due].flatMap(([place, quantity]) =>
    limit(
      kept.filter(share => share.localVirtualAccountId === place),
      quantity,
    ),
  )
  return fill(held, longestFirst, due)
}

/** What each Local Virtual Account has when the sum has changed: a gain lands in Default, a loss comes off Default, then off the largest. */
function totalsAfter(shares: Share[], total: number, defaultId: number): Map<number, number> {
  const held = new Map([[defaultId, 0]])
  for (const { localVirtualAccountId: id, quantity } of shares) held.set(id, (held.get(id) ?? 0) + quantity)
  const change = total - sum(shares)
  if (change >= 0) return held.set(defaultId, held.get(defaultId)! + change)
  let loss = -change
  for (const [id, quantity] of [...held].sort(bySize(defaultId))) {
    held.set(id, quantity - Math.min(quantity, loss))
    loss -= Math.min(quantity, loss)
  }
  return held
}

/** What stays of a lot's shares when the lot has shrunk, by the same order. */
function keepOfLot(shares: Share[], quantity: number, defaultId: number): Share[] {
  const totals = totalsAfter(shares, Math.min(quantity, sum(shares)), defaultId)
  return shares.map(share => ({ ...share, quantity: totals.get(share.localVirtualAccountId)! }))
}

/** As much of `shares` as `quantity` allows; what stands in front is kept longest. */
function limit(shares: Share[], quantity: number): Share[] {
  let left = quantity
  return shares.flatMap(share => {
    const kept = Math.min(share.quantity, left)
    left -= kept
    return kept > 0 ? [{ ...share, quantity: kept }] : []
  })
}

/** Gives what lots have left to those who are still due something, the longest term first. */
function fill(held: Share[], lots: Lot[], due: Map<number, number>): Share[] {
  const shares = new Map(held.map(share => [keyOf(share.licenseId, share.localVirtualAccountId), { ...share }]))
  const free = new Map(lots.map(lot => [lot.licenseId, lot.quantity - sum(held.filter(share => share.licenseId === lot.licenseId))]))
  for (const [place, quantity] of due) {
    let missing = quantity - sum(held.filter(share => share.localVirtualAccountId === place))
    for (const { licenseId } of lots) {
      const given = Math.min(missing, free.get(licenseId)!)
      if (given === 0) continue
      missing -= given
      free.set(licenseId, free.get(licenseId)! - given)
      const key = keyOf(licenseId, place)
      const share = shares.get(key) ?? { licenseId, localVirtualAccountId: place, quantity: 0 }
      shares.set(key, { ...share, quantity: share.quantity + given })
    }
  }
  return [...shares.values()]
}

const keyOf = (licenseId: string, place: number) => `${place}/${licenseId}`
const sum = (rows: { quantity: number }[]) => rows.reduce((total, { quantity }) => total + quantity, 0)

/** The longest term first; one without an end is the longest. Names break ties, so that the same facts give the same shares. */
export const byTerm = (a: Pick<Lot, 'licenseId' | 'endsAt'>, b: Pick<Lot, 'licenseId' | 'endsAt'>): number =>
  (b.endsAt?.getTime() ?? Number.MAX_SAFE_INTEGER) - (a.endsAt?.getTime() ?? Number.MAX_SAFE_INTEGER) ||
  (a.licenseId < b.licenseId ? -1 : 1)

const bySize =
  (defaultId: number) =>
  ([a, sizeOfA]: [number, number], [b, sizeOfB]: [number, number]) =>
    Number(b === defaultId) - Number(a === defaultId) || sizeOfB - sizeOfA || a - b
