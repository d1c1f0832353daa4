import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Busy, openLane } from '../../src/device/lanes.ts'

/** Work that stands until the test lets it go on. */
function standing<Outcome>(outcomeOf: (item: number) => Outcome) {
  const groups: number[][] = []
  const gates: (() => void)[] = []
  const work = async (group: number[]) => {
    groups.push(group)
    await new Promise<void>(resolve => {
      gates.push(resolve)
    })
    return group.map(outcomeOf)
  }
  const turn = () => new Promise(resolve => setImmediate(resolve))
  return { groups, work, turn, go: () => gates.shift()?.() }
}

describe('a lane', () => {
  it('gathers what comes while the group before it is under way', async () => {
    const { groups, work, turn, go } = standing(item => item * 10)
    const lane = openLane(work)
    const first = lane.submit(1)
    await turn()
    const others = [2, 3, 4].map(lane.submit)
    go()
    assert.equal(await first, 10)
    await turn()
    go()
    assert.deepEqual(await Promise.all(others), [20, 30, 40])
    assert.deepEqual(groups, [[1], [2, 3, 4]])
  })

  it('waits a while for company after a group, and after a single item not at all', async () => {
    const groups: number[][] = []
    const lane = openLane(
      async (items: number[]) => {
        groups.push(items)
        return items
      },
      { gathering: 20 },
    )
    await Promise.all([1, 2].map(lane.submit))
    // The group is done, and what comes one after the other now goes together.
    const third = lane.submit(3)
    await new Promise(resolve => setImmediate(resolve))
    await Promise.all([third, lane.submit(4)])
    assert.deepEqual(groups, [
      [1, 2],
      [3, 4],
    ])
  })

  it('starts again after it came to rest, however often', async () => {
    const lane = openLane(async (items: number[]) => items)
    for (const item of [1, 2, 3]) {
      assert.equal(await lane.submit(item), item)
      // Submitted in the very turn in which the loop ends.
      assert.equal(await lane.submit(-item), -item)
    }
  })

  it('takes no more in a group than it may, and nothing twice that a group may hold once', async () => {
    const groups: number[][] = []
    const work = async (items: number[]) => {
      groups.push(items)
      return items
    }
    await Promise.all([1, 2, 3, 4, 5].map(openLane(work, { most: 2 }).submit))
    assert.deepEqual(groups.splice(0), [[1, 2], [3, 4], [5]])
    await Promise.all([1, 11, 2, 21, 12].map(openLane(work, { keyOf: item => String(item % 10) }).submit))
    assert.deepEqual(groups, [[1, 2], [11, 12], [21]])
  })

  it('tries the halves of a group that fails, down to each alone, so that one bad item fails by itself', async () => {
    const groups: number[][] = []
    const lane = openLane(async (items: number[]) => {
      groups.push(items)
      if (items.includes(3)) throw new Error('three')
      return items
    })
    const results = await Promise.allSettled([1, 2, 3, 4].map(lane.submit))
    assert.deepEqual(
      results.map(result => (result.status === 'fulfilled' ? result.value : result.reason.message)),
      [1, 2, 'three', 4],
    )
    assert.deepEqual(groups, [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]])
  })

  it('does not try again when the database is away', async () => {
    let attempts = 0
    const lane = openLane(async () => {
      attempts++
      throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    })
    await Promise.allSettled([1, 2, 3].map(lane.submit))
    assert.equal(attempts, 1)
  })

  it('says that it is busy when too many wait, and keeps what it promised to the others', async () => {
    const lane = openLane(async (items: number[]) => items, { waiting: 2 })
    const results = await Promise.allSettled([1, 2, 3].map(lane.submit))
    assert.deepEqual(
      results.map(result => result.status),
      ['fulfilled', 'fulfilled', 'rejected'],
    )
    assert.ok((results[2] as PromiseRejectedResult).reason instanceof Busy)
  })

  it('gives each its own outcome and never holds one key in two groups at once, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 }), async keys => {
        const held = new Set<number>()
        const lane = openLane(
          async (items: { key: number; place: number }[]) => {
            for (const { key } of items) assert.equal(held.has(key), false)
            for (const { key } of items) held.add(key)
            await new Promise(resolve => setImmediate(resolve))
            for (const { key } of items) held.delete(key)
            return items.map(item => item.place)
          },
          { keyOf: item => String(item.key), most: 4 },
        )
        const places = await Promise.all(keys.map((key, place) => lane.submit({ key, place })))
        assert.deepEqual(places, [...keys.keys()])
      }),
    )
  })
})
