import type { Db } from '../../storage/db.ts'
import { digestProductInstances, listUsageTotals } from '../../storage/reportedProductInstances.ts'
import type { UsageTotal } from '../../wire/exchange/syncRequest.ts'
import { isTag, tagVersion } from '../../wire/udi.ts'

/** "totals over all local virtual accounts, always complete"; what is no longer used is told for the sake of its peak. */
export async function writeUsage(tx: Db, localAccountId: number): Promise<UsageTotal[]> {
  const totals = await listUsageTotals(tx, localAccountId)
  return totals.map(({ tag, inUse, peak, outOfCompliance }) => ({
    tag,
    version: isTag(tag) ? tagVersion(tag) : null,
    in_use: inUse,
    peak,
    out_of_compliance: outOfCompliance,
  }))
}

/**
 * `usage_digest`: "SHA-256 over the sorted UTF-8 lines `t|<tag>|<in_use>` and `p|<piid>`, each ended by \n". Every `p` stands before every
 * `t`, and both are sorted by the database: nothing is sorted here, and no list of all instances is held.
 */
export const writeUsageDigest = (tx: Db, localAccountId: number, usage: UsageTotal[]): Promise<string> =>
  digestProductInstances(tx, localAccountId, usage.map(({ tag, in_use }) => `t|${tag}|${in_use}\n`).join(''))
