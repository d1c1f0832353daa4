import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person, RoleAssignment } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { countHolders, deleteRoleAssignment, lockRoles } from '../storage/roleAssignments.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findUser } from '../storage/users.ts'

/**
 * Takes a role from a user that a person gave them; whoever is signed in as this user signs in again. Refuses an unknown user, a role that they do not
 * hold (or hold by a group alone), and the role of the last System Administrator: somebody has to be left who may do everything.
 */
export async function removeRole(context: Context, who: Person, username: string, assignment: RoleAssignment): Promise<void> {
  await context.storage.transaction(async tx => {
    // Two who take the role from each other at once are not both right.
    await lockRoles(tx)
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    refuseUnless(
      await deleteRoleAssignment(tx, user.id, assignment),
      'NOT_FOUND',
      `${user.username} was not given this role, or no longer has it.`,
    )
    if (assignment.role === 'system-administrator' && !user.disabledAt) {
      const left = await countHolders(tx, 'system-administrator')
      refuseUnless(left > 0, 'CONFLICT', 'This is the last System Administrator. Make another one first.')
    }
    await deleteSessionsOf(tx, user.id)
    await recordEvent(tx, {
      localAccountId: assignment.localAccountId ?? 0,
      at: context.clock.now(),
      kind: 'user changed',
      message: `The role ${assignment.role} was taken from ${user.username}.`,
      who: who.name,
      change: { before: assignment },
    })
  })
}
