import { type AccessDecision, type AccessRequest, decideAccessRequest } from '../../storage/accessRequests.ts'
import { clearAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { writeMailToPerson } from '../../storage/mails.ts'
import { accessRequestAlert } from '../../storage/requestAlerts.ts'

/** Ends a request for access: its alert is over, and whoever asked is told by mail, unless they took it back themselves. */
export async function endRequest(
  tx: Db,
  request: AccessRequest,
  { decision, at, by, reason, words }: { decision: AccessDecision; at: Date; by: string; reason: string | null; words: string },
): Promise<void> {
  const { localAccountId, id, account, email } = request
  await decideAccessRequest(tx, request, { decision, at, by, reason })
  await clearAlert(tx, accessRequestAlert(localAccountId, id), at)
  await recordEvent(tx, { localAccountId, at, kind: `access ${decision}`, message: words, who: by })
  if (decision === 'withdrawn') return
  const cause = `access ${localAccountId}/${id} ${decision}`
  await writeMailToPerson(tx, email, { localAccountId, cause, subject: `${account}: access ${decision}`, body: `${words}\n`, at })
}
