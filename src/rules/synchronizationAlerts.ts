import { accountStanding, type LocalAccount } from './accounts.ts'
import { daysBetween, isoDay } from './clock.ts'
import { synchronizationExpiresAt, warningDays } from './synchronization.ts'

/** An alert that the clocks of an account ask for. `mail`: its words are mailed, once for each `rung`. */
export type SynchronizationAlert = {
  kind: (typeof synchronizationAlertKinds)[number]
  severity: 'critical' | 'major' | 'minor'
  message: string
  action: string
  mail: { rung: string; subject: string } | undefined
}

export const synchronizationAlertKinds = [
  'synchronization due',
  'synchronization overdue',
  'synchronization expired',
  'account certificate ending',
] as const

const byNow = 'Synchronize it over the network or by file.'
const inDays = (days: number) => (days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`)

/** The last of "60, 30, 14, 7, 1 days before day 365" that was reached; undefined before the first and after the end. */
export function warningReached(lastSynchronizedAt: Date, now: Date): (typeof warningDays)[number] | undefined {
  const end = synchronizationExpiresAt(lastSynchronizedAt)
  if (now >= end) return undefined
  return warningDays.findLast(days => end.getTime() - now.getTime() <= days * 86_400_000)
}

/**
 * What the clocks of product.md say of an account: "due from day 30", "overdue (on day 32 to 364): alert", "expired", and the ladder of warnings
 * before that. Only of a registered one; what is not in the list is cleared.
 */
export function synchronizationAlerts(
  account: Pick<LocalAccount, 'name' | 'state' | 'lastSynchronizedAt'>,
  now: Date,
): SynchronizationAlert[] {
  const { name, state, lastSynchronizedAt: last } = account
  if (state !== 'registered' || !last) return []
  const end = synchronizationExpiresAt(last)
  const since = `${name} was last synchronized on ${isoDay(last)}`
  switch (accountStanding(account, now)) {
    case 'due':
      return [{ kind: 'synchronization due', severity: 'minor', message: `${since}.`, action: byNow, mail: undefined }]
    case 'overdue': {
      const overdue = {
        kind: 'synchronization overdue' as const,
        severity: 'major' as const,
        message: `${since}, which is too long ago. Everything goes on working until ${isoDay(end)}.`,
        action: byNow,
        mail: { rung: 'overdue', subject: `${name} is overdue for synchronization` },
      }
      return [overdue, ...warnings(name, last, now)]
    }
    case 'expired':
      return [
        {
          kind: 'synchronization expired',
          severity: 'critical',
          message: `${since}, 365 days ago or more. Its products are refused, and keep what they were last allowed.`,
          action: 'Remove it here and in the cloud, register it anew, and let its products register again.',
          mail: { rung: 'expired', subject: `${name} has expired` },
        },
      ]
    default:
      return []
  }
}

function warnings(name: string, last: Date, now: Date): SynchronizationAlert[] {
  const rung = warningReached(last, now)
  if (rung === undefined) return []
  const end = synchronizationExpiresAt(last)
  const left = daysBetween(now, end)
  return [
    {
      kind: 'account certificate ending',
      severity: rung === 1 ? 'critical' : rung <= 14 ? 'major' : 'minor',
      message: `The certificates of ${name} end on ${isoDay(end)}, ${inDays(left)}. Then its products are refused, and it must be registered anew.`,
      action: byNow,
      mail: { rung: `${rung} days`, subject: `${name}: ${inDays(left)} its certificates end` },
    },
  ]
}
