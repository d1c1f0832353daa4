import type { Context } from '../context.ts'
import { isWithinPlace } from '../rules/accessRequests.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person, RoleAssignment } from '../rules/roles.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { insertRoleAssignment } from '../storage/roleAssignments.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
import { findUser } from '../storage/users.ts'

/**
 * Gives a user a role in a place. "New id at sign-in and at any change of rights": whoever is signed in as this user signs in again.
 * Refuses an unknown user, and a role in a place where it cannot be held.
 */
export const assignRole = (context: Context, who: Person, username: string, assignment: RoleAssignment): Promise<void> =>
  context.storage.transaction(tx => giveRole(tx, { who, at: context.clock.now() }, username, assignment))

/** The same within a transaction. */
export async function giveRole(
  tx: Db,
  { who, at }: { who: Person; at: Date },
  username: string,
  assignment: RoleAssignment,
): Promise<void> {
  const place = { server: assignment.localAccountId === undefined, part: assignment.localVirtualAccountId !== undefined }
  const fits = assignment.role.startsWith('system-')
    ? place.server && !place.part
    : !place.server && place.part === isWithinPlace(assignment.role)
  refuseUnless(fits, 'INVALID', 'This role cannot be held in this place.', 'role')
  const user = await findUser(tx, username)
  refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
  await insertRoleAssignment(tx, user.id, assignment)
  await deleteSessionsOf(tx, user.id)
  await recordEvent(tx, {
    localAccountId: assignment.localAccountId ?? 0,
    at,
    kind: 'user changed',
    message: `${user.username} was given the role ${assignment.role}.`,
    who: who.name,
  })
}
