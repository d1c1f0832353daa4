/** Where those wait who are only to be told to come again. */
export type Turnstile = {
  /** Does `work` when it is its turn. Throws `Crowded` when too many wait already. */
  pass<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Too many wait even for a "no". */
export class Crowded extends Error {}

/**
 * Lets through so many at once, and between two of them the event loop goes round: saying no costs a signature, and a thousand of them must not stand
 * before the answers of those who were let in.
 */
export function openTurnstile({ atOnce = 8, waiting = 2560 }: { atOnce?: number; waiting?: number } = {}): Turnstile {
  const queue: (() => void)[] = []
  let passing = 0

  function next(): void {
    passing--
    const first = queue.shift()
    if (first) enter(first)
  }

  function enter(go: () => void): void {
    passing++
    setImmediate(go)
  }

  return {
    async pass(work) {
      if (queue.length >= waiting) throw new Crowded('Too many wait to be told to come again.')
      await new Promise<void>(resolve => {
        if (passing < atOnce) enter(resolve)
        else queue.push(resolve)
      })
      try {
        return await work()
      } finally {
        next()
      }
    },
  }
}
