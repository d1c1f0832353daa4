import type { Context } from '../../context.ts'
import type { Preferences } from '../../rules/preferences.ts'
import type { User } from '../../rules/users.ts'
import { lockPreferences, updateUser } from '../../storage/users.ts'

/** Changes how somebody likes their pages, from what it is at this moment: what another window of theirs chose meanwhile stays. */
export const changePreferences = (context: Context, user: User, change: (now: Preferences) => Preferences): Promise<void> =>
  context.storage.transaction(async tx => updateUser(tx, user.id, { preferences: change(await lockPreferences(tx, user.id)) }))
