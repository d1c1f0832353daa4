import { failuresBeforeAlert, mostWaiting } from '../../rules/receivers.ts'
import { type AlertKey, clearAlert, raiseAlert } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import type { Receiver } from '../../storage/receivers.ts'

const ofReceiver =
  (kind: string) =>
  (id: number): AlertKey => ({ localAccountId: 0, kind, subject: `receiver/${id}` })

/** What names the alert of a receiver that cannot be told. */
export const unreachedAlert = ofReceiver('receiver not reached')

/** What names the alert of notices that a receiver never gets. */
export const lostAlert = ofReceiver('notices lost')

const about = { source: 'Receivers' }

/** Raises the alert of a receiver that has failed for a while. */
export async function raiseUnreached(
  db: Db,
  { id, name }: Receiver,
  { failure, attempts, at }: { failure: string; attempts: number; at: Date },
) {
  if (attempts < failuresBeforeAlert) return
  const message = `${name} is not told of what happens here: ${failure}`
  const action = `Mend it, or correct its settings. What waits is told when it can be, up to ${mostWaiting.toLocaleString('en')} notices.`
  await raiseAlert(db, { ...unreachedAlert(id), ...about, severity: 'major', message, action, at })
}

/** Raises the alert of notices that were given up. `dropped`: how many by now. */
export async function raiseLost(db: Db, { id, name }: Receiver, dropped: number, at: Date): Promise<void> {
  const message = `${name} never gets ${dropped.toLocaleString('en')} notices: more waited than are kept for it.`
  const action = 'The audit trail has its records still: export it. Save the settings of the receiver to set this alert aside.'
  await raiseAlert(db, { ...lostAlert(id), ...about, severity: 'critical', message, action, at })
}

/** Clears both: the receiver is gone. */
export async function clearReceiverAlerts(db: Db, id: number, at: Date): Promise<void> {
  await clearAlert(db, unreachedAlert(id), at)
  await clearAlert(db, lostAlert(id), at)
}
