import { minute, second } from '../rules/clock.ts'

/** So many times within a window, which begins with the first time. */
export type Limit = { times: number; window: number }

/** How often a client may call, and how often a client or an address may ask for a token or fail. */
export type LimitSettings = {
  /** Calls of one client. */
  calls: Limit
  /** Requests of one address that come without a token: for tokens, for what is open to all. */
  requests: Limit
  /** Failures of one client at one address; every further one is put off unread. */
  clientFailures: Limit
  /** Failures of one address, whatever clients, people or tokens it tries. */
  sourceFailures: Limit
}

/** Far above what an inventory or a monitor needs, and far below what would be felt by the products. */
export const usualLimits: LimitSettings = {
  calls: { times: 600, window: minute },
  requests: { times: 120, window: minute },
  clientFailures: { times: 5, window: 15 * minute },
  sourceFailures: { times: 50, window: 15 * minute },
}

/** Where somebody stands: how many of `limit` are left, and in how many seconds all of them are there again. */
export type Allowance = { limit: number; remaining: number; resetsIn: number; exceeded: boolean }

/** Counts by name. */
export type Tally = {
  /** Counts once more, and says where the name stands then. */
  count(name: string, now: Date): Allowance
  /** Where the name stands, uncounted; `exceeded` says whether another time would be one too many. */
  look(name: string, now: Date): Allowance
}

/** More names than this are not kept apart: whoever comes from ever new addresses must not fill the memory. */
const mostNames = 10_000

/** A tally that nobody stands in yet. It is this process's own: it protects the processor, not a count that somebody relies on. */
export function openTally({ times, window }: Limit): Tally {
  const entries = new Map<string, { began: number; count: number }>()

  // A clock that was set back begins a new window, or the old one would last until it has caught up.
  function entryOf(name: string, now: Date) {
    const entry = entries.get(name)
    const age = entry ? now.getTime() - entry.began : window
    return entry && age >= 0 && age < window ? entry : { began: now.getTime(), count: 0 }
  }

  const standing = ({ began, count }: { began: number; count: number }, now: Date, exceeded: boolean): Allowance => ({
    limit: times,
    remaining: Math.max(0, times - count),
    resetsIn: Math.max(1, Math.ceil((began + window - now.getTime()) / second)),
    exceeded,
  })

  return {
    count(name, now) {
      const entry = entryOf(name, now)
      entry.count++
      // The name moves to the end, so that the one not heard of for longest stands first and is the one to go.
      entries.delete(name)
      entries.set(name, entry)
      if (entries.size > mostNames) entries.delete(entries.keys().next().value!)
      return standing(entry, now, entry.count > times)
    },
    look(name, now) {
      const entry = entryOf(name, now)
      return standing(entry, now, entry.count >= times)
    },
  }
}

/** Every tally of the door. */
export type Limits = { [Name in keyof LimitSettings]: Tally }

/** Limits that nobody has used yet. */
export const openLimits = (settings: LimitSettings = usualLimits): Limits => ({
  calls: openTally(settings.calls),
  requests: openTally(settings.requests),
  clientFailures: openTally(settings.clientFailures),
  sourceFailures: openTally(settings.sourceFailures),
})
