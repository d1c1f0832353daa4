import { day, hour, minute, second } from '../rules/clock.ts'
import type { TriedStep } from './carrier.ts'

/** Clocks of two machines that take their time from the network are never that far apart. */
const tolerance = minute
/** "authority time − `created_at` off by > 24 h": then it asks for a full synchronization each time (7.4). */
const most = day

/** What the cloud's `Date` says of the two clocks. Where one is wrong, the difference and what comes of it is said. */
export function clockStep(date: string | string[] | undefined, now: Date): TriedStep {
  const theirs = Date.parse(String(date))
  if (Number.isNaN(theirs)) return { step: 'clock', outcome: 'skipped', sentence: 'The cloud does not say what time it is.' }
  const ahead = theirs - now.getTime()
  const apart = Math.abs(ahead)
  if (apart <= tolerance) return { step: 'clock', outcome: 'passed', sentence: "The cloud's clock and ours agree to the minute." }
  const words = `The cloud's clock is ${inWords(apart)} ${ahead > 0 ? 'ahead of' : 'behind'} ours.`
  const mend = "Check this machine's time, date and time server."
  if (apart <= most) return { step: 'clock', outcome: 'warning', sentence: `${words} ${mend}` }
  return {
    step: 'clock',
    outcome: 'failed',
    sentence: `${words} With more than a day between them every synchronization becomes a full one, and certificates may seem ended or not begun. ${mend}`,
  }
}

function inWords(milliseconds: number): string {
  const units = [
    [day, 'day'],
    [hour, 'hour'],
    [minute, 'minute'],
    [second, 'second'],
  ] as const
  const [unit, name] = units.find(([each]) => milliseconds >= 2 * each) ?? units[3]
  const count = Math.round(milliseconds / unit)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
