import { entitlementAnswer, overallStatus } from '../rules/compliance.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import { authorizationEndsAt, authorizationRenewsAt } from '../rules/lifetimes.ts'
import type { Db } from '../storage/db.ts'
import { insertReplies } from '../storage/replies.ts'
import { listBalances, type TagBalance } from '../storage/usage.ts'
import { type AcceptedReport, AnsweredMeanwhile, type UsageAnswer } from './usageReport.ts'

/** Writes every reply from the settled balances, and remembers it with its effect (wire-device 5.4). */
export async function answerReports(
  tx: Db,
  accepted: AcceptedReport[],
  catalog: Map<string, EntitlementTag>,
  now: Date,
): Promise<Map<AcceptedReport, string>> {
  const keys = accepted.flatMap(({ report, instance }) =>
    report.entitlements.flatMap(({ tag }) => {
      const row = catalog.get(tag)
      return row ? [{ localAccountId: instance.localAccountId, localVirtualAccountId: instance.localVirtualAccountId, tagId: row.id }] : []
    }),
  )
  const balances = new Map((await listBalances(tx, keys, now)).map(row => [balanceKey(row), row]))
  const texts = new Map(accepted.map(one => [one, one.report.write(answerFor(one, catalog, balances, now))]))
  const remembered = await insertReplies(
    tx,
    accepted.map(one => ({ ...one.report, text: texts.get(one)!, answeredAt: now })),
  )
  if (remembered < accepted.length) throw new AnsweredMeanwhile('A copy of a report was answered first.')
  return texts
}

const balanceKey = (key: { localAccountId: number; localVirtualAccountId: number; tagId: number }) =>
  `${key.localAccountId}/${key.localVirtualAccountId}/${key.tagId}`

function answerFor(
  { report, instance }: AcceptedReport,
  catalog: Map<string, EntitlementTag>,
  balances: Map<string, TagBalance>,
  now: Date,
): UsageAnswer {
  const entitlements = report.entitlements.map(entitlement => {
    const row = catalog.get(entitlement.tag)
    const balance = row && balances.get(balanceKey({ ...instance, tagId: row.id }))
    // A known tag without a row was never bought nor used here: only a count of 0 gets this far, and 0 of it is in compliance.
    const answered = entitlementAnswer(entitlement.count, row ? (balance?.balance ?? 0) : undefined)
    return { ...entitlement, ...answered, catalog: row, endsAt: balance?.endsAt ?? null }
  })
  const overall = overallStatus(entitlements)
  return {
    entitlementVersion: report.entitlementVersion,
    overallStatus: overall,
    entitlements,
    renewAt: authorizationRenewsAt(now, overall === 'OUT_OF_COMPLIANCE'),
    deadline: authorizationEndsAt(now),
  }
}
