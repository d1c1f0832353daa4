import { counted, listed } from './words.ts'

/** What is done to many product instances at once. */
export type InstanceDeed = 'transfer' | 'removal'

/** How far a batch is. `done` were transferred or removed, `thereAlready` needed no transfer. */
export type BatchCounts = { deed: InstanceDeed; total: number; done: number; thereAlready: number }

const instances = (number: number, verb: string) => counted(number, `product instance was ${verb}`, `product instances were ${verb}`)

/**
 * What came of a batch: what was done, in one sentence, and what was skipped and why, in another; the second is empty when nothing was. `place` is
 * where a transfer went to.
 */
export function batchInWords({ deed, total, done, thereAlready }: BatchCounts, place: string): { did: string; skipped: string } {
  const did = deed === 'transfer' ? `${instances(done, 'transferred')} to ${place}.` : `${instances(done, 'removed')}.`
  const gone = Math.max(0, total - done - thereAlready)
  const reasons = [
    ...(thereAlready > 0 ? [`${counted(thereAlready, 'is', 'are')} in ${place} already`] : []),
    ...(gone > 0 ? [`${counted(gone, 'was', 'were')} removed or changed in the meantime`] : []),
  ]
  return { did, skipped: reasons.length > 0 ? `Skipped: ${listed(reasons)}.` : '' }
}
