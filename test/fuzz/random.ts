/** Numbers that look like chance and come again with their seed. */
export type Random = {
  /** A whole number below `end`. */
  below(end: number): number
  one<T>(list: readonly T[]): T
}

/** Mulberry32: a small generator that is good enough to choose by. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (end: number) => Math.floor(next() * end)
  return { below, one: list => list[below(list.length)]! }
}
