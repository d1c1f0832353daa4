/** Something that runs out, shared between names. */
export type Shares = {
  /** Takes so much for a name; false when that would leave too little to others, and nothing is taken then. */
  take(name: string, amount?: number): boolean
  /** Gives it back. */
  give(name: string, amount?: number): void
  /** There is more or less of it from now on. What is held above that is let go by and by. */
  resize(most: number): void
}

/**
 * Shares `most` out so that nobody's storm takes all of it: a name may hold `generosity` times what is free, and no more. One that is alone
 * gets the most of it, several that push get equal parts, and who comes last always finds something (the dynamic thresholds of shared packet
 * buffers). There is nothing to set up for a name, and nothing is kept of one that holds nothing.
 */
export function openShares(most: number, generosity: number): Shares {
  const held = new Map<string, number>()
  let [whole, free] = [most, most]
  return {
    take(name, amount = 1) {
      const mine = held.get(name) ?? 0
      if (amount > free || mine >= generosity * free) return false
      held.set(name, mine + amount)
      free -= amount
      return true
    },
    give(name, amount = 1) {
      const left = (held.get(name) ?? 0) - amount
      if (left > 0) held.set(name, left)
      else held.delete(name)
      free += amount
    },
    resize(most) {
      free += most - whole
      whole = most
    },
  }
}
