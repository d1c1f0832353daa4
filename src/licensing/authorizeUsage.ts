import type { Context } from '../context.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import { Refusal } from '../rules/refusal.ts'
import { usageChange } from '../rules/usage.ts'
import { findEntitlementTags } from '../storage/entitlementTags.ts'
import { lockReportingInstances, type ReportingInstance } from '../storage/usage.ts'
import { acknowledgeCertificates } from './acknowledgeRegistration.ts'
import { answerReports } from './answerReports.ts'
import { applyUsageChanges } from './applyUsageChanges.ts'
import type { AcceptedReport, UsageOutcome, UsageReport } from './usageReport.ts'

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
  const tags = reports.flatMap(report => report.entitlements.map(entitlement => entitlement.tag))
  return context.storage.transaction(async tx => {
    const [catalog, locked] = await Promise.all([findEntitlementTags(tx, tags), lockReportingInstances(tx, reports)])
    const instances = new Map(locked.map(instance => [instance.id, instance]))
    const met = reports.map(report => meet(report, instances.get(report.productInstanceId), catalog))
    const accepted = met.filter((one): one is AcceptedReport => !(one instanceof Refusal))
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

/**
 * Holds a report against what is known of its instance. The certificate that signed it was good when it came in; a registration with force, or a
 * newer certificate's first message, may have ended it since: "old cert dead at once" (wire-device 5.5).
 */
function meet(
  report: UsageReport,
  instance: ReportingInstance | undefined,
  catalog: Map<string, EntitlementTag>,
): AcceptedReport | Refusal {
  if (!instance?.certificates.includes(report.certificateSerial)) {
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
