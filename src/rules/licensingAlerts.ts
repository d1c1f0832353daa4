import { day } from './clock.ts'
import { counted, dayInWords, grouped } from './words.ts'

/** An alert about an account that its lots or its product instances ask for. What is not asked for is cleared. */
export type LicensingAlert = {
  kind: (typeof licensingAlertKinds)[number]
  subject: string
  severity: 'major' | 'minor' | 'info'
  source: string
  message: string
  action: string
}

export const licensingAlertKinds = [
  'licenses expiring',
  'licenses expired',
  'product instances failed to connect',
  'product instances failed to renew',
] as const

/** "licenses expiring (90/60/30 days) and expired". The nearer, the more severe: one that was put aside comes back. */
const rungs: [days: number, severity: LicensingAlert['severity']][] = [
  [30, 'major'],
  [60, 'minor'],
  [90, 'info'],
]
/** How far ahead an end is told of, and how long afterwards. */
export const endingAhead = 90 * day
export const endedSince = 30 * day

/** Licenses of one tag that end at one moment. */
export type EndingLots = { tagId: number; displayName: string; quantity: number; endsAt: Date }

/** What the end of lots asks for: a word ahead of it, and another when it has come. */
export function endingAlert({ tagId, displayName, quantity, endsAt }: EndingLots, now: Date): LicensingAlert | undefined {
  const left = endsAt.getTime() - now.getTime()
  const about = { subject: `${tagId}/${endsAt.toISOString()}`, source: displayName }
  const how = `${grouped(quantity)} of ${displayName}`
  if (left <= 0) {
    if (-left > endedSince) return undefined
    const message = `${how} ended on ${dayInWords(endsAt)}.`
    return {
      ...about,
      kind: 'licenses expired',
      severity: 'major',
      message,
      action: 'Renew them and synchronize, or see that they are not needed.',
    }
  }
  const severity = rungs.find(([days]) => left <= days * day)?.[1]
  if (!severity) return undefined
  const message = `${how} ${quantity === 1 ? 'ends' : 'end'} on ${dayInWords(endsAt)}.`
  return { ...about, kind: 'licenses expiring', severity, message, action: 'Renew them, and synchronize.' }
}

/** How many product instances of a Local Virtual Account are silent: those whose authorization has ended, and the others. */
export type Silence = { localVirtualAccountId: number; name: string; failedToConnect: number; failedToRenew: number }

/**
 * "product instance failed to connect · failed to renew": one alert for each Local Virtual Account, because a network that was cut off silences
 * thousands at once. `subject` begins with the Local Virtual Account's number: who has a role in it sees it.
 */
export function silenceAlerts({ localVirtualAccountId, name, failedToConnect, failedToRenew }: Silence): LicensingAlert[] {
  const about = { subject: String(localVirtualAccountId), source: name }
  const action = 'See whether they are up and can reach this server; remove those that are gone.'
  const who = (number: number) => counted(number, 'product instance has', 'product instances have')
  return [
    ...(failedToConnect > 0
      ? [
          {
            ...about,
            kind: 'product instances failed to connect' as const,
            severity: 'minor' as const,
            message: `${who(failedToConnect)} not reported for 60 days or more.`,
            action,
          },
        ]
      : []),
    ...(failedToRenew > 0
      ? [
          {
            ...about,
            kind: 'product instances failed to renew' as const,
            severity: 'major' as const,
            message: `${who(failedToRenew)} not reported for 90 days or more, and ${failedToRenew === 1 ? 'its authorization' : 'their authorizations'} ended. What they use is still counted.`,
            action,
          },
        ]
      : []),
  ]
}
