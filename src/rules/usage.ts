/** One line of a report: how much of a tag a product uses. */
export type ReportedEntitlement = { tag: string; version: string; count: number }

/** What a report changes of what was known: quantities to put, tags to forget, and by how much each tag's sum moves. */
export type UsageChange = {
  put: { tagId: number; quantity: number; version: string }[]
  drop: { tagId: number }[]
  deltas: { tagId: number; inUse: number; instances: number }[]
}

/**
 * "The list is the *complete* absolute usage, not a delta; missing or 0 = released." Two lines of one tag are added up.
 * `before` is what the last report left; both sides name known tags only.
 */
export function usageChange(
  before: { tagId: number; quantity: number; version: string }[],
  reported: { tagId: number; count: number; version: string }[],
): UsageChange {
  const was = new Map(before.map(row => [row.tagId, row]))
  const now = new Map<number, { quantity: number; version: string }>()
  for (const { tagId, count, version } of reported) now.set(tagId, { quantity: (now.get(tagId)?.quantity ?? 0) + count, version })
  const change: UsageChange = { put: [], drop: [], deltas: [] }
  for (const tagId of new Set([...was.keys(), ...now.keys()])) {
    const old = was.get(tagId)
    const { quantity, version } = now.get(tagId) ?? { quantity: 0, version: '' }
    if (quantity > 0 && (old?.quantity !== quantity || old.version !== version)) change.put.push({ tagId, quantity, version })
    if (quantity === 0 && old) change.drop.push({ tagId })
    const inUse = quantity - (old?.quantity ?? 0)
    if (inUse !== 0) change.deltas.push({ tagId, inUse, instances: (quantity > 0 ? 1 : 0) - (old ? 1 : 0) })
  }
  return change
}
