/** Three numbers that tell more of noisy runs than one. */
export type Spread = { median: number; least: number; most: number }

/** The median of some runs, with the least and the most of them. */
export function spreadOf(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, least: sorted[0]!, most: sorted.at(-1)! }
}

/**
 * Runs yardstick and work in turn (A B A B …), because these machines are noisy: what slows one slows the other, and the ratio of a pair
 * holds where neither figure alone would.
 */
export async function inPairs<T>(
  count: number,
  yardstick: () => Promise<T>,
  work: () => Promise<T>,
): Promise<{ yardstick: T[]; work: T[] }> {
  const results: { yardstick: T[]; work: T[] } = { yardstick: [], work: [] }
  for (let pair = 0; pair < count; pair++) {
    results.yardstick.push(await yardstick())
    results.work.push(await work())
  }
  return results
}

/** The ratio of each pair. */
export const ratios = (above: number[], below: number[]): Spread => spreadOf(above.map((value, index) => value / below[index]!))
