/** How often a name may come: `burst` at once, then `perSecond`. */
export type Rate = { burst: number; perSecond: number }

/** More names than this are not kept apart: whoever sends from ever new addresses must not fill the memory. */
const mostNames = 10_000

/** A bucket of drops for each name: full at first, a drop a message, filled up again with time. */
export function openBuckets({ burst, perSecond }: Rate) {
  const buckets = new Map<string, { drops: number; at: number }>()
  return {
    take(name: string): boolean {
      const now = performance.now()
      const bucket = buckets.get(name) ?? { drops: burst, at: now }
      const drops = Math.min(burst, bucket.drops + ((now - bucket.at) / 1000) * perSecond)
      const goes = drops >= 1
      // The name moves to the end, so that the one not heard of for longest stands first and is the one to go.
      buckets.delete(name)
      buckets.set(name, { drops: goes ? drops - 1 : drops, at: now })
      if (buckets.size > mostNames) buckets.delete(buckets.keys().next().value!)
      return goes
    },
  }
}
