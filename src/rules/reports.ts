import { day, hour } from './clock.ts'
import { refuseUnless } from './refusal.ts'
import { isEmail } from './registrations.ts'

export const reportFrequencies = ['daily', 'weekly', 'monthly'] as const

/** When a report is sent: each day, each Monday or each first of a month, at an hour of the day in UTC. */
export type ReportSchedule = { frequency: (typeof reportFrequencies)[number]; hour: number }

export const mostReportRecipients = 10

/** How many schedules one account may have. */
export const mostReportSchedules = 50

/** Refuses a schedule that no clock can keep. */
export function checkReportSchedule(schedule: ReportSchedule): ReportSchedule {
  refuseUnless(reportFrequencies.includes(schedule.frequency), 'INVALID', 'Choose daily, weekly or monthly.', 'frequency')
  const isHour = Number.isInteger(schedule.hour) && schedule.hour >= 0 && schedule.hour <= 23
  refuseUnless(isHour, 'INVALID', 'Give an hour from 0 to 23 (UTC).', 'hour')
  return schedule
}

/** Reads e-mail addresses, set apart by commas, semicolons or spaces, each once. Refuses none, too many, and what is no address. */
export function readRecipients(text: string): string[] {
  const addresses = [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
  const sentence = `Give one to ${mostReportRecipients} e-mail addresses, with commas between them.`
  refuseUnless(addresses.length >= 1 && addresses.length <= mostReportRecipients, 'INVALID', sentence, 'recipients')
  const wrong = addresses.find(address => !isEmail(address))
  refuseUnless(wrong === undefined, 'INVALID', `${wrong} is not an e-mail address.`, 'recipients')
  return addresses
}

/** The next time after `after` at which a report is due. */
export function nextReportAt({ frequency, hour: at }: ReportSchedule, after: Date): Date {
  const first = Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate()) + at * hour
  for (let days = 0; ; days++) {
    const run = new Date(first + days * day)
    const fits = frequency === 'daily' || (frequency === 'weekly' ? run.getUTCDay() === 1 : run.getUTCDate() === 1)
    if (fits && run > after) return run
  }
}
