/** Where those wait who are only to be told to come again. */
export type Turnstile = {
  /** Does `work` when it is its turn. Throws `Crowded` when that would be too late, or when too many wait already. */
  pass<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Too many wait even for a "no". */
export class Crowded extends Error {}

/** How a turnstile is set: what goes through at once, how many may ever wait, and how long, in milliseconds, anybody shall. */
export type TurnstileSettings = { atOnce?: number; burst?: number; patience?: number; calm?: number }

type Waiting = { go: () => void; since: number }

/**
 * Lets through so many at once, and between two of them the event loop goes round: saying no costs a signature, and a thousand of them must not stand
 * before the answers of those who were let in.
 *
 * A "no" is told at once or not at all: nobody joins behind somebody who has waited longer than `patience`. But for a burst: so many may join all the
 * same, once, and again when nobody has had to wait so long for `calm`. A fleet that comes all at the same moment is gone in seconds and gets its signed
 * answers; one that keeps coming faster than it can be told no is not made to queue for it.
 */
export function openTurnstile(
  { atOnce = 8, burst = 2560, patience = 250, calm = 10_000 }: TurnstileSettings = {},
  now: () => number = () => performance.now(),
): Turnstile {
  const queue: Waiting[] = []
  let passing = 0
  let late = { joined: 0, last: Number.NEGATIVE_INFINITY }

  function next(): void {
    passing--
    const first = queue.shift()
    if (first) enter(first.go)
  }

  function enter(go: () => void): void {
    passing++
    setImmediate(go)
  }

  /** Whether somebody who comes now may wait. */
  function mayJoin(at: number): boolean {
    if (queue.length >= burst) return false
    const first = queue[0]
    if (first === undefined || at - first.since <= patience) return true
    if (at - late.last > calm) late = { joined: 0, last: at }
    late = { joined: late.joined + 1, last: at }
    return late.joined <= burst
  }

  return {
    async pass(work) {
      const since = now()
      if (passing >= atOnce && !mayJoin(since)) throw new Crowded('Too many wait to be told to come again.')
      await new Promise<void>(resolve => {
        if (passing < atOnce) enter(resolve)
        else queue.push({ go: resolve, since })
      })
      try {
        return await work()
      } finally {
        next()
      }
    },
  }
}
