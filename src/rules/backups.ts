import { day, hour, later } from './clock.ts'
import { refuseUnless } from './refusal.ts'
import { checkSchedule, type SynchronizationSchedule } from './schedules.ts'

/** How many backups stay: the newest of so many days, weeks and months in which there is one. */
export type Keep = { daily: number; weekly: number; monthly: number }

/** When the server takes a backup by itself, and what it keeps. The hour is one of the day in UTC. */
export type BackupSchedule = SynchronizationSchedule & { keep: Keep }

/** Refuses a schedule that no clock can keep, or that would keep nothing. */
export function checkBackupSchedule(schedule: BackupSchedule): BackupSchedule {
  checkSchedule(schedule)
  const counts = Object.values(schedule.keep)
  refuseUnless(
    counts.every(count => Number.isInteger(count) && count >= 0 && count <= 1000),
    'INVALID',
    'Keep 0 to 1000 daily, weekly and monthly backups.',
    'keep',
  )
  refuseUnless(
    counts.some(count => count > 0),
    'INVALID',
    'Keep at least one backup.',
    'keep',
  )
  return schedule
}

const dayOf = (date: Date) => Math.floor(date.getTime() / day)
/** Weeks begin on Monday; the first day of time was a Thursday. */
const weekOf = (date: Date) => Math.floor((dayOf(date) + 3) / 7)
const monthOf = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth()

/** Which of some backups stay. The newest always does, whatever the numbers say. */
export function keptBackups<T extends { createdAt: Date }>(backups: readonly T[], keep: Keep): T[] {
  const newestFirst = [...backups].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  const newestOfEach = (periodOf: (date: Date) => number, count: number) => {
    const seen = new Set<number>()
    return newestFirst.filter(({ createdAt }) => !seen.has(periodOf(createdAt)) && seen.add(periodOf(createdAt)).size <= count)
  }
  const kept = new Set([
    ...newestFirst.slice(0, 1),
    ...newestOfEach(dayOf, keep.daily),
    ...newestOfEach(weekOf, keep.weekly),
    ...newestOfEach(monthOf, keep.monthly),
  ])
  return newestFirst.filter(backup => kept.has(backup))
}

const longest = { daily: day, weekly: 7 * day, monthly: 31 * day }
/** A backup has so long to be taken, and to be tried again, before somebody is told. */
const patience = 6 * hour

/** "backup … older than its schedule": whether the newest backup (or the schedule, where there is none yet) is. */
export const isBackupLate = ({ frequency }: SynchronizationSchedule, newest: Date, now: Date): boolean =>
  frequency !== 'off' && now > later(newest, longest[frequency] + patience)
