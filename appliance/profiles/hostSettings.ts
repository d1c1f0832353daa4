import type { Profile } from '../actions/action.ts'
import { standard } from './standard.ts'
import { stig } from './stig.ts'

/** What a profile decides about the machine itself. Everything else is the same on both. */
export type HostSettings = {
  /** The login shell of `admin`. */
  adminShell: string
  /** Other groups of `admin`. */
  adminGroups: readonly string[]
  /** Debian's packages beside those that every appliance has. */
  packages: readonly string[]
  /** Lines of sshd's settings beside those of every appliance. */
  ssh: readonly string[]
}

const settings: Record<Profile, HostSettings> = { standard, stig }

export const hostSettings = (profile: Profile): HostSettings => settings[profile]
