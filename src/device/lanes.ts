import { setTimeout } from 'node:timers/promises'
import { isOutage } from '../storage/outage.ts'

/** Where items wait for a group to go with. */
export type Lane<Item, Outcome> = {
  /** Puts an item in; keeps its promise when the item's group is done. Throws `Busy` when the lane is full. */
  submit(item: Item): Promise<Outcome>
}

/** The lane is full: whoever comes now must come again. */
export class Busy extends Error {}

type LaneOptions<Item> = {
  /** So many go together at most. */
  most?: number
  /** So many wait at most. */
  waiting?: number
  /** So many milliseconds a group waits for more company, when the one before it had some. */
  gathering?: number
  /** What a group may hold only once: the second waits for the next group. */
  keyOf?(item: Item): string
}

type Waiting<Item, Outcome> = { item: Item; resolve(outcome: Outcome): void; reject(error: unknown): void }

/**
 * Gathers items while the group before them is under way, and `gathering` longer when that one was a group indeed, and gives them to `work`
 * together: under load many commits become one, and at rest nobody waits for company (performance.md, Group commits). `work` gives the outcomes
 * in the order of the items.
 */
export function openLane<Item, Outcome>(
  work: (group: Item[]) => Promise<Outcome[]>,
  { most = 64, waiting = 4096, gathering = 0, keyOf }: LaneOptions<Item> = {},
): Lane<Item, Outcome> {
  let queue: Waiting<Item, Outcome>[] = []
  let isUnderWay = false

  function takeGroup(): Waiting<Item, Outcome>[] {
    const keys = new Set<string>()
    const group: Waiting<Item, Outcome>[] = []
    const rest: Waiting<Item, Outcome>[] = []
    for (const one of queue) {
      const key = keyOf?.(one.item)
      const goes = group.length < most && (key === undefined || !keys.has(key))
      if (key !== undefined) keys.add(key)
      if (goes) group.push(one)
      else rest.push(one)
    }
    queue = rest
    return group
  }

  // Items that come before the flag falls are seen by the loop; it falls in the same turn in which the loop ends, so that none comes between.
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const group = takeGroup()
      await settle(group, work)
      if (gathering > 0 && group.length > 1 && queue.length < most) await setTimeout(gathering)
    }
    isUnderWay = false
  }

  return {
    submit: item =>
      new Promise((resolve, reject) => {
        if (queue.length >= waiting) return reject(new Busy('Too many wait already.'))
        queue.push({ item, resolve, reject })
        if (isUnderWay) return
        isUnderWay = true
        // In the next turn of the loop, so that those who come in this one go together.
        setImmediate(drain)
      }),
  }
}

/** Works a group. On a fault its halves are tried, down to each alone, so that one bad item does not fail its neighbours; an outage would only repeat itself. */
async function settle<Item, Outcome>(group: Waiting<Item, Outcome>[], work: (group: Item[]) => Promise<Outcome[]>): Promise<void> {
  try {
    const outcomes = await work(group.map(one => one.item))
    group.forEach((one, index) => {
      one.resolve(outcomes[index]!)
    })
  } catch (error) {
    if (group.length === 1 || isOutage(error)) {
      for (const one of group) one.reject(error)
      return
    }
    const half = Math.ceil(group.length / 2)
    await settle(group.slice(0, half), work)
    await settle(group.slice(half), work)
  }
}
