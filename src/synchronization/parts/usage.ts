import { createHash } from 'node:crypto'
import type { Db } from '../../storage/db.ts'
import { listUsageTotals, readDigestLines } from '../../storage/reportedProductInstances.ts'
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
 * `t`, identifiers are sorted by the database and so are the tags of `usage`: nothing is sorted here, and no list of all instances is held.
 */
export async function writeUsageDigest(tx: Db, localAccountId: number, usage: UsageTotal[]): Promise<string> {
  const hash = createHash('sha256')
  for await (const lines of readDigestLines(tx, localAccountId)) hash.update(lines.join(''))
  for (const { tag, in_use } of usage) hash.update(`t|${tag}|${in_use}\n`)
  return hash.digest('hex')
}
