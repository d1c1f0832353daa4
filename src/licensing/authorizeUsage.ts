import type { Context } from '../context.ts'
import type { EntitlementAnswer } from '../rules/compliance.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import { Refusal } from '../rules/refusal.ts'
import { type ReportedEntitlement, type UsageChange, usageChange } from '../rules/usage.ts'
import { findEntitlementTags } from '../storage/entitlementTags.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { acknowledgeCertificates } from './acknowledgeRegistration.ts'
import { answerReports } from './answerReports.ts'
import { applyUsageChanges } from './applyUsageChanges.ts'

/** A verified report of a product instance, and how its reply is written. */
export type UsageReport = {
  localAccountId: number
  productInstanceId: string
  /** The ID certificate that signed, in decimal. */
  certificateSerial: string
  /** Whether this is the first message under that certificate: "Any later message with the new cert counts as the ack". */
  acknowledges: boolean
  sender: Buffer
  nonce: string
  /** SHA-256 of the `request` string. */
  requestHash: Buffer
  /** Rises with each change at the product; a lower one than before is stale. */
  entitlementVersion: number
  entitlements: ReportedEntitlement[]
  /** Writes the unsigned response text that is remembered with the effect. */
  write(answer: UsageAnswer): string
}

/** What a product is told about what it reported. */
export type UsageAnswer = {
  entitlementVersion: number
  overallStatus: 'AUTHORIZED' | 'OUT_OF_COMPLIANCE' | 'NO_LICENSES_IN_USE'
  entitlements: (ReportedEntitlement & EntitlementAnswer & { catalog: EntitlementTag | undefined; endsAt: Date | null })[]
  renewAt: Date
  deadline: Date
}

/** The unsigned response text of an accepted report, or why it was not accepted. */
export type UsageOutcome = { text: string } | Refusal

/** Thrown when a parallel copy of one of the reports was answered first: the transaction is undone, and the reports are tried one by one. */
export class AnsweredMeanwhile extends Error {}

/** A report that was accepted, the instance it met, and what it changes. */
export type AcceptedReport = { report: UsageReport; instance: ReportingInstance; change: UsageChange }

/**
 * Takes a group of reports in one transaction: what each uses is put in place, the counters move, what they touch is settled, and each
 * reply is remembered with its effect. The outcomes stand in the order of the reports. A report that is refused changes nothing and does
 * not disturb its neighbours; a fault, or `AnsweredMeanwhile`, undoes the whole group.
 *
 * Locks are taken in one order (instances by key, then Local Virtual Accounts by key), so that groups of several servers never wait in a
 * circle. A group names an instance at most once.
 */
export async function authorizeUsage(context: Context, reports: UsageReport[]): Promise<UsageOutcome[]> {
  const now = context.clock.now()
  const catalog = await findEntitlementTags(
    context.storage.db,
    reports.flatMap(report => report.entitlements.map(entitlement => entitlement.tag)),
  )
  return context.storage.transaction(async tx => {
    const instances = new Map((await lockReportingInstances(tx, reports)).map(instance => [instance.id, instance]))
    const met = reports.map(report => meet(report, instances.get(report.productInstanceId), catalog))
    const accepted = met.filter(one => !(one instanceof Refusal))
    await acknowledgeCertificates(
      tx,
      accepted.map(({ report }) => report).filter(report => report.acknowledges),
      now,
    )
    await applyUsageChanges(tx, accepted, now)
    const texts = await answerReports(tx, accepted, catalog, now)
    return met.map(one => (one instanceof Refusal ? one : { text: texts.get(one)! }))
  })
}

/** Holds a report against what is known of its instance. */
function meet(
  report: UsageReport,
  instance: ReportingInstance | undefined,
  catalog: Map<string, EntitlementTag>,
): AcceptedReport | Refusal {
  if (!instance) {
    return new Refusal(
      'UNKNOWN_INSTANCE',
      `The identity for the instance ${report.productInstanceId} is not valid.Please re-register the instance.`,
    )
  }
  if (report.entitlementVersion < instance.entitlementVersion) {
    return new Refusal('STALE_USAGE', `The entitlement version ${report.entitlementVersion} is older than ${instance.entitlementVersion}.`)
  }
  const known = report.entitlements.flatMap(({ tag, count, version }) => {
    const row = catalog.get(tag)
    return row ? [{ tagId: row.id, count, version }] : []
  })
  return { report, instance, change: usageChange(instance.usage, known) }
}
