import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Profile, profiles } from '../actions/action.ts'
import type { Folders } from '../actions/machine.ts'

/** The profile that the installer wrote down. Where it cannot be read, the stricter one: nothing opens because a file is away. */
export function profileIn({ settings }: Pick<Folders, 'settings'>): Profile {
  try {
    const word = readFileSync(join(settings, 'profile'), 'utf8').trim()
    return profiles.find(each => each === word) ?? 'stig'
  } catch {
    return 'stig'
  }
}
