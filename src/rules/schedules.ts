import { day, hour, later, minute } from './clock.ts'
import { refuseUnless } from './refusal.ts'

export const frequencies = ['off', 'daily', 'weekly', 'monthly'] as const

/** When an account synchronizes by itself: "off, daily, weekly, monthly at an hour, per account or for all". The hour is one of the day in UTC. */
export type SynchronizationSchedule = { frequency: (typeof frequencies)[number]; hour: number }

/** What holds until somebody decides. */
export const noSchedule: SynchronizationSchedule = { frequency: 'off', hour: 2 }

/** Refuses a schedule that no clock can keep. */
export function checkSchedule(schedule: SynchronizationSchedule): SynchronizationSchedule {
  refuseUnless(frequencies.includes(schedule.frequency), 'INVALID', 'Choose off, daily, weekly or monthly.', 'frequency')
  refuseUnless(
    Number.isInteger(schedule.hour) && schedule.hour >= 0 && schedule.hour <= 23,
    'INVALID',
    'Give an hour from 0 to 23 (UTC).',
    'hour',
  )
  return schedule
}

/** Places in an account's uuid whose digits are random: not those of its version and variant. */
const randomPlaces = [0, 6, 17, 23]

/** A number from 0 to 1 (exclusive), by the account alone: each has its own, and the same each time. */
function fractionOf(uuid: string, turn: number): number {
  const from = randomPlaces[turn % randomPlaces.length]!
  return Number.parseInt(uuid.replaceAll('-', '').slice(from, from + 6), 16) / 2 ** 24
}

/**
 * The next time after `after` at which an account synchronizes; null where its schedule is off. Its minute within the hour, its day of the week
 * and its day of the month (1 to 28) are the account's own, so that a server with many accounts does not ask the cloud for all at once.
 */
export function nextRun({ frequency, hour: at }: SynchronizationSchedule, uuid: string, after: Date): Date | null {
  if (frequency === 'off') return null
  const offset = at * hour + Math.floor(fractionOf(uuid, 0) * hour)
  const first = Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate())
  for (let days = 0; ; days++) {
    const run = new Date(first + days * day + offset)
    if (run > after && isDayOf(frequency, uuid, run)) return run
  }
}

function isDayOf(frequency: SynchronizationSchedule['frequency'], uuid: string, date: Date): boolean {
  if (frequency === 'weekly') return date.getUTCDay() === Math.floor(fractionOf(uuid, 1) * 7)
  if (frequency === 'monthly') return date.getUTCDate() === 1 + Math.floor(fractionOf(uuid, 1) * 28)
  return true
}

const firstRetry = 10 * minute
const longestRetry = 6 * hour

/**
 * When to try again after so many failures in a row: after 10 minutes, and twice as long each time, up to six hours; each account a part of that
 * (half to all) of its own, so that after an outage of the cloud they come one after the other.
 */
export function retryAt(failures: number, uuid: string, now: Date): Date {
  const pause = Math.min(firstRetry * 2 ** Math.min(failures - 1, 20), longestRetry)
  return later(now, Math.round(pause * (0.5 + fractionOf(uuid, failures) / 2)))
}
