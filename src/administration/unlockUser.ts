import type { Context } from '../context.ts'
import { noFailedSignIns } from '../rules/lockout.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { findUser, updateUser } from '../storage/users.ts'

/** "for 15 minutes or until unlocked": forgets the failed sign-ins that locked somebody out. Refuses an unknown user. */
export async function unlockUser(context: Context, who: Person, username: string): Promise<void> {
  await context.storage.transaction(async tx => {
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    await updateUser(tx, user.id, noFailedSignIns)
    const message = `User ${user.username} was unlocked.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'user changed', message, who: who.name })
  })
}
