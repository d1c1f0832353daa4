import type { Context } from '../context.ts'
import type { Theme, User } from '../rules/users.ts'
import { updateUser } from '../storage/users.ts'

/** Keeps how somebody likes their pages: light, dark, or as the machine in front of them says. */
export const setTheme = (context: Context, user: User, theme: Theme): Promise<void> => updateUser(context.storage.db, user.id, { theme })
