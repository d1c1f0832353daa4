import type { LocalAccount } from '../../rules/accounts.ts'
import type { Person } from '../../rules/roles.ts'
import { clearAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { type EventKind, recordEvent } from '../../storage/events.ts'
import { updateLocalAccount } from '../../storage/localAccounts.ts'
import { writeMail } from '../../storage/mails.ts'
import { accountRequestAlert } from '../../storage/requestAlerts.ts'

/** A decision about an account: what becomes of it, and why. */
export type Decision = {
  state: 'approved' | 'rejected' | 'inactive'
  kind: Extract<EventKind, 'account approved' | 'account rejected' | 'account deactivated'>
  reason: string | null
  message: string
}

/**
 * Writes down what was decided about an account: the one place from which its requester is told. They read it at once where they asked ("Request
 * an account"); the mail to `notificationEmail` ("with a reason mailed to the requester") goes out from here, in this transaction's outbox.
 */
export async function recordDecision(tx: Db, account: LocalAccount, decision: Decision, who: Person, at: Date): Promise<void> {
  const { state, kind, reason, message } = decision
  await updateLocalAccount(tx, account.id, { state, decidedAt: at, decidedBy: who.name, decisionReason: reason })
  await clearAlert(tx, accountRequestAlert(account), at)
  await recordEvent(tx, { localAccountId: account.id, at, kind, message, who: who.name })
  await recordEvent(tx, { localAccountId: 0, at, kind, message, who: who.name })
  const cause = `${account.uuid} ${kind} ${at.toISOString()}`
  await writeMail(tx, { localAccountId: account.id, cause, subject: `${account.name}: ${kind}`, body: `${message}\n`, at })
}
