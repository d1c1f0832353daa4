import type { Context } from '../context.ts'
import { noFailedSignIns } from '../rules/lockout.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { findUser, updateUser } from '../storage/users.ts'

/** Lets a disabled user in again, with the roles they had. Refuses an unknown user. */
export async function enableUser(context: Context, who: Person, username: string): Promise<void> {
  await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    await updateUser(tx, user.id, { ...noFailedSignIns, disabledAt: null, enabledAt: now })
    const message = `User ${user.username} was enabled.`
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message, who: who.name })
  })
}
