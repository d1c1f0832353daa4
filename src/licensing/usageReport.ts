import type { EntitlementAnswer } from '../rules/compliance.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import type { Refusal } from '../rules/refusal.ts'
import type { ReportedEntitlement, UsageChange } from '../rules/usage.ts'
import type { ReportingInstance } from '../storage/usage.ts'

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

/** Thrown when a parallel copy of one of the reports was answered first: the transaction is undone, and fewer reports are tried. */
export class AnsweredMeanwhile extends Error {}

/** A report that was accepted, the instance it met, and what it changes. */
export type AcceptedReport = { report: UsageReport; instance: ReportingInstance; change: UsageChange }
