import { orMeanwhile } from '../../licensing/answerOnce.ts'
import type { UsageAnswer, UsageReport } from '../../licensing/usageReport.ts'
import { Refusal } from '../../rules/refusal.ts'
import type { AuthorizationReply } from '../../wire/messages/authorization.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'
import { signedBy, written } from '../reply.ts'

/** AUTHORIZATION: what the product uses is taken with the group that goes next. A shortage is never FAILED: "the server only reports". */
export async function authorization(task: Task<'instance'>): Promise<Answered> {
  const { door, verified } = task
  const answer = door.lanes.reports.submit(reportOf(task)).then(outcome => {
    if (outcome instanceof Refusal) throw outcome
    return outcome.text
  })
  return { text: await orMeanwhile(door.context, verified.receipt, answer), result: 'OK' }
}

function reportOf(task: Task<'instance'>): UsageReport {
  const { message, verified } = task
  const data = parseRequestData('AUTHORIZATION', message.envelope.data)
  return {
    ...verified.receipt,
    ...signedBy(verified.sender),
    acknowledges: verified.sender.certificate.state === 'unacknowledged',
    entitlementVersion: data.entitlement_version,
    entitlements: data.entitlements.map(({ tag, version, count }) => ({ tag, version: version ?? '', count })),
    write: answer => written(task, { status: 'OK', data: authorizationReply(answer) }),
  }
}

const authorizationReply = (answer: UsageAnswer): AuthorizationReply => ({
  entitlement_version: answer.entitlementVersion,
  overall_status: answer.overallStatus,
  entitlements: answer.entitlements.map(({ tag, version, catalog, endsAt, ...answered }) => ({
    tag,
    version: version || null,
    requested_count: answered.requested,
    authorized_count: answered.authorized,
    out_of_compliance_count: answered.outOfCompliance,
    insufficient_count: answered.insufficient,
    status: answered.status,
    display_name: catalog?.displayName ?? null,
    description: catalog?.description ?? null,
    license_type: catalog?.licenseType ?? null,
    export_restricted: catalog?.exportRestricted ?? null,
    expires_at: endsAt?.getTime() ?? null,
  })),
  renew_at: answer.renewAt.getTime(),
  deadline: answer.deadline.getTime(),
})
