import type { LocalVirtualAccount } from '../../rules/accounts.ts'
import { type EntitlementTag, type Entitlement as Lot, lotStanding } from '../../rules/entitlements.ts'
import type { Share } from '../../rules/shares.ts'
import type { EventRecord } from '../../storage/events.ts'

/** What an exchange found and what it left. */
type Picture = {
  localAccountId: number
  before: Lot[]
  lots: Lot[]
  shares: Share[]
  spread: Share[]
  tags: Map<number, EntitlementTag>
  places: LocalVirtualAccount[]
}

/**
 * The events of what came and went: one for each tag and Local Virtual Account whose licenses in force changed. "When the cloud takes
 * entitlements away, the loss comes off Default first, then off the others in order of size, and the event says so."
 */
export function movements(picture: Picture, now: Date): EventRecord[] {
  const { localAccountId, before, lots, shares, spread, tags, places } = picture
  const had = inForceByPlace(before, shares, now)
  const has = inForceByPlace(lots, spread, now)
  return [...tags.values()].flatMap(tag =>
    places.flatMap(place => {
      const key = `${tag.id}/${place.id}`
      const change = (has.get(key) ?? 0) - (had.get(key) ?? 0)
      if (change === 0) return []
      const message =
        change > 0
          ? `The cloud gave ${change} more of ${tag.displayName}: they are in ${place.name}.`
          : `The cloud took ${-change} of ${tag.displayName} away from ${place.name}.`
      return [
        {
          localAccountId,
          localVirtualAccountId: place.id,
          tagId: tag.id,
          at: now,
          kind: 'entitlements changed' as const,
          message,
          who: 'the cloud',
        },
      ]
    }),
  )
}

function inForceByPlace(lots: Lot[], shares: Share[], now: Date): Map<string, number> {
  const tagOf = new Map(lots.filter(lot => lotStanding(lot, now) === 'in force').map(lot => [lot.licenseId, lot.tagId]))
  const sums = new Map<string, number>()
  for (const { licenseId, localVirtualAccountId, quantity } of shares) {
    const tagId = tagOf.get(licenseId)
    if (tagId === undefined) continue
    const key = `${tagId}/${localVirtualAccountId}`
    sums.set(key, (sums.get(key) ?? 0) + quantity)
  }
  return sums
}
