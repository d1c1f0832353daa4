import type { Context } from '../context.ts'
import { hashPassword } from '../directory/localPasswords.ts'
import { checkPassword } from '../rules/passwords.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person, RoleAssignment } from '../rules/roles.ts'
import { checkDisplayName, checkEmail, checkUsername, type User } from '../rules/users.ts'
import { recordEvent } from '../storage/events.ts'
import { insertRoleAssignment } from '../storage/roleAssignments.ts'
import { insertUser } from '../storage/users.ts'

export type UserToAdd = {
  username: string
  password: string
  displayName?: string
  email?: string
  /** Whether the first thing after the first sign-in is a new password: so that nobody else knows it. */
  mustChangePassword: boolean
  assignments?: RoleAssignment[]
}

/** Adds somebody who signs in with a local password. Refuses a name that is taken or cannot be one, and a password that breaks the rules. */
export async function addUser(context: Context, who: Person, input: UserToAdd): Promise<User> {
  const username = checkUsername(input.username)
  const displayName = checkDisplayName(input.displayName ?? '')
  const email = checkEmail(input.email ?? '')
  const passwordHash = await hashPassword(checkPassword(input.password, username))
  return context.storage.transaction(async tx => {
    const now = context.clock.now()
    const { mustChangePassword } = input
    const user = await insertUser(tx, { username, displayName, email, mustChangePassword, passwordHash, createdAt: now })
    refuseUnless(user, 'CONFLICT', `There is a user ${username} already.`, 'username')
    for (const assignment of input.assignments ?? []) await insertRoleAssignment(tx, user.id, assignment)
    await recordEvent(tx, { localAccountId: 0, at: now, kind: 'user changed', message: `User ${username} was added.`, who: who.name })
    return user
  })
}
