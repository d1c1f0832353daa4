import { readPairStatus } from '../../administration/pair/readPairStatus.ts'
import { isRedundant, isSilent, pairWarnings } from '../../rules/pair.ts'
import { show } from '../render.ts'
import type { Visit, Visitor } from '../visit.ts'

const view = { page: 'admin/highAvailability/index.njk', fragment: 'admin/highAvailability/_pair.njk' }

/** What the tile of the overview and the banner say; undefined on a stand-alone server. */
export function pairAtAGlance({ context, now }: Pick<Visitor, 'context' | 'now'>) {
  const status = readPairStatus(context)
  if (!status) return undefined
  const [worst] = pairWarnings(status, now)
  return { ...status, redundant: isRedundant(status, now), worst }
}

/** High availability: the nodes, what the pair does, and what happened. "What can be done is said; doing is the console's." */
export async function highAvailabilityPage(visit: Visit): Promise<void> {
  const { context, now } = visit
  const status = readPairStatus(context)
  const pair = status && {
    ...status,
    redundant: isRedundant(status, now),
    silent: isSilent(status, now),
    warnings: pairWarnings(status, now),
    commitsWait: context.storage.commitsWait(),
  }
  show(visit, view, { pair })
}
