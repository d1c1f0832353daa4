import { z } from 'zod'
import { Refusal } from '../rules/refusal.ts'
import { complaintOf } from './refusals.ts'
import type { Answer } from './route.ts'
import { Outcome } from './send.ts'

/** What a route says of the answer that some of several things could not be done. */
export const someDone = { 207: 'Some were done and some were not; each says which.' }

/** What became of one of several things. */
export const fate = { status: z.enum(['SUCCESS', 'ERROR']), statusMessage: z.string() }

/**
 * Does `work` for each of `items`, one after the other, and lists under `name` what became of each; `work` gives the sentence of its success. What
 * is refused for one does not keep the others: then the answer is 207, or the refusal's own status where nothing was done at all.
 */
export async function eachOf<Item>(
  name: string,
  items: Item[],
  about: (item: Item) => object,
  work: (item: Item) => Promise<string>,
): Promise<Answer | Outcome> {
  const fates: object[] = []
  const refusals: Refusal[] = []
  for (const item of new Set(items)) {
    const fate = await work(item).then(
      statusMessage => ({ status: 'SUCCESS', statusMessage }),
      error => {
        if (!(error instanceof Refusal)) throw error
        refusals.push(error)
        return { status: 'ERROR', statusMessage: error.message }
      },
    )
    fates.push({ ...fate, ...about(item) })
  }
  const [first] = refusals
  if (!first) return { [name]: fates }
  const nothingDone = refusals.length === fates.length
  const statusMessage = nothingDone ? first.message : `${refusals.length} of ${fates.length} could not be done: ${first.message}`
  return new Outcome(nothingDone ? complaintOf(first)!.httpStatus : 207, { status: 'ERROR', statusMessage, [name]: fates })
}
