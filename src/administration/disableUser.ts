import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { countHolders, listRolesOf, lockRoles } from '../storage/roleAssignments.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findUser, updateUser } from '../storage/users.ts'

/**
 * Keeps a user out from now on, and ends their sessions; roles and history stay. Refuses an unknown user, oneself, and the last System
 * Administrator: somebody has to be left who may do everything.
 */
export async function disableUser(context: Context, who: Person, username: string): Promise<void> {
  await context.storage.transaction(async tx => {
    // Two who disable each other at once are not both right.
    await lockRoles(tx)
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    refuseUnless(user.username !== who.name, 'CONFLICT', 'You cannot disable yourself. Ask another System Administrator.')
    const roles = await listRolesOf(tx, user.id)
    const isLast =
      user.origin === 'local' && roles.includes('system-administrator') && (await countHolders(tx, 'system-administrator')) <= 1
    refuseUnless(!isLast || user.disabledAt, 'CONFLICT', 'This is the last System Administrator. Make another one first.')
    const now = context.clock.now()
    await updateUser(tx, user.id, { disabledAt: now })
    await deleteSessionsOf(tx, user.id)
    const message = `User ${user.username} was disabled.`
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message, who: who.name })
  })
}
