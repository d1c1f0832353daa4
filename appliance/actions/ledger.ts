import type { Action, Caller, Profile } from './action.ts'
import { uptime } from './overview.ts'

/** Every privileged deed there is. Nothing runs on the host that does not stand here. */
export const ledger: readonly Action[] = [uptime]

/** The deeds that a caller may ask for in a profile: the STIG profile is the same list, filtered. */
export const allowedTo = (caller: Caller, profile: Profile): Action[] =>
  ledger.filter(({ callers, profiles }) => callers.includes(caller) && profiles.includes(profile))
