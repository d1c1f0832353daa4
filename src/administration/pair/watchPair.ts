import type { Context } from '../../context.ts'
import { pairWarnings } from '../../rules/pair.ts'
import { settleAlerts } from '../../storage/alerts.ts'
import type { Db } from '../../storage/db.ts'
import { readPairStatus } from './readPairStatus.ts'

/** The kind of the alerts of a pair; what each is about is its subject. */
export const pairAlertKind = 'high availability'

/** Raises an alert of everything that is wrong with the pair, and clears those of what is well again. */
export async function watchPair(tx: Db, now: Date, context: Context): Promise<void> {
  const status = readPairStatus(context)
  const warnings = status ? pairWarnings(status, now) : []
  const wanted = warnings.map(warning => ({ localAccountId: 0, kind: pairAlertKind, source: 'Pair', ...warning }))
  await settleAlerts(tx, [pairAlertKind], wanted, now)
}
