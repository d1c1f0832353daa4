import type { Preferences } from './preferences.ts'

/** Kinds of alerts as somebody chooses them for their mail. */
export const alertGroups = ['licenses', 'product instances', 'account'] as const
export type AlertGroup = (typeof alertGroups)[number]

/** Of which group an alert is; what is neither about licenses nor about product instances is about the account. */
export function groupOf(kind: string): AlertGroup {
  if (kind === 'insufficient licenses' || kind.startsWith('licenses ')) return 'licenses'
  return kind.startsWith('product instances ') ? 'product instances' : 'account'
}

/** "mail: daily summary, immediate alerts, which kinds, which Local Virtual Accounts". Without `places` it is of all that one sees. */
export type AlertMail = { immediate: boolean; summary: boolean; groups: AlertGroup[]; places: number[] }

/** What nobody chose: no mail. */
export const noAlertMail: AlertMail = { immediate: false, summary: false, groups: [...alertGroups], places: [] }

/** What somebody chose for an account. */
export const alertMailOf = ({ mail }: Preferences, account: string): AlertMail => mail[account] ?? noAlertMail

/** An alert as a mail tells of it. */
export type ToldAlert = {
  kind: string
  localVirtualAccountId: number | null
  severity: string
  source: string
  message: string
  action: string
}

/** Whether an alert is among those that somebody wants mail of. One that names no Local Virtual Account concerns them all. */
export const isWanted = ({ groups, places }: AlertMail, { kind, localVirtualAccountId: place }: ToldAlert): boolean =>
  groups.includes(groupOf(kind)) && (places.length === 0 || place === null || places.includes(place))

/** An alert in a mail's words. */
export const alertInWords = ({ severity, source, message, action }: ToldAlert): string =>
  `${severity.toUpperCase()} ${source}: ${message}${action ? ` ${action}` : ''}`

/** From this hour (UTC) on, the summary of the day is sent. */
export const summaryHour = 6
