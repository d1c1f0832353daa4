import assert from 'node:assert/strict'
import { mutateBytes } from './mutate.ts'
import { openRandom } from './random.ts'
import type { Target } from './targets.ts'

/** What broke: the bytes, and how. */
export type Finding = { target: string; seed: number; bytes: Buffer; error: unknown }
export type Driven = { runs: number; ways: number; slowest: number; findings: Finding[] }

/** Milliseconds of processor time that nobody's bytes may take before they have proved anything. */
const mostMilliseconds = 200
/** Bytes grow by being changed again and again: longer ones only make it slower. */
const longest = 64 * 1024
const mostKept = 2000

/** Feeds a target bytes for so many runs, or so many seconds: its seeds, changed, and whatever was refused in a new way, changed again. */
export async function drive(target: Target, { runs, seconds, seed }: { runs: number; seconds: number; seed: number }): Promise<Driven> {
  const random = openRandom(seed)
  const kept = [...target.seeds]
  const ways = new Set<string>()
  const driven: Driven = { runs: 0, ways: 0, slowest: 0, findings: [] }
  const end = performance.now() + seconds * 1000
  while (driven.runs < runs && performance.now() < end && driven.findings.length < 20) {
    driven.runs++
    const parent = random.one(kept)
    const bytes = random.below(20) === 0 ? mutateBytes(parent, kept, random) : target.change(parent, kept, random)
    if (bytes.length > longest) continue
    try {
      const { way, milliseconds } = await timed(target, bytes)
      driven.slowest = Math.max(driven.slowest, milliseconds)
      if (!ways.has(way) && kept.length < mostKept) kept.push(bytes)
      ways.add(way)
    } catch (error) {
      driven.findings.push({ target: target.name, seed, bytes, error })
    }
  }
  return { ...driven, ways: ways.size }
}

/** A busy machine makes everything slow now and then: what took too long is tried again, and the least counts. */
async function timed(target: Target, bytes: Buffer): Promise<{ way: string; milliseconds: number }> {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = process.cpuUsage()
    const way = await target.run(bytes)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
    if (least > mostMilliseconds) continue
    assert.deepEqual(Object.keys(Object.prototype), [], 'no prototype was reached')
    return { way, milliseconds: least }
  }
  throw new Error(`took ${Math.round(least)} ms of processor time`)
}
