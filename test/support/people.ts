import { addUser } from '../../src/administration/addUser.ts'
import type { Context } from '../../src/context.ts'
import type { RoleAssignment } from '../../src/rules/roles.ts'
import type { User } from '../../src/rules/users.ts'
import { administrator } from './account.ts'

/** Where the cast works: one Local Account, and one Local Virtual Account of it. */
export type Stage = { localAccountId: number; localVirtualAccountId: number }

/** The cast: one for each role and place, and somebody signed in without a role. */
export const cast = {
  Ada: 'System Administrator',
  Otto: 'System Operator',
  Sofia: 'Smart Account administrator',
  Sam: 'Smart Account user',
  Vera: 'Virtual Account administrator',
  Victor: 'Virtual Account user',
  Nora: 'without a role',
} as const
export type Member = keyof typeof cast

/** The same for everybody, in tests alone. */
export const castPassword = 'a cart of paper cranes'

/** What each of the cast may be, on a stage. */
export function rolesOf(member: Member, stage: Stage): RoleAssignment[] {
  const { localAccountId } = stage
  const roles: Record<Member, RoleAssignment[]> = {
    Ada: [{ role: 'system-administrator' }],
    Otto: [{ role: 'system-operator' }],
    Sofia: [{ role: 'smart-account-administrator', localAccountId }],
    Sam: [{ role: 'smart-account-user', localAccountId }],
    Vera: [{ role: 'virtual-account-administrator', ...stage }],
    Victor: [{ role: 'virtual-account-user', ...stage }],
    Nora: [],
  }
  return roles[member]
}

/** Adds one of the cast. */
export const hire = (context: Context, member: Member, stage: Stage): Promise<User> =>
  addUser(context, administrator, {
    username: member.toLowerCase(),
    displayName: member,
    password: castPassword,
    mustChangePassword: false,
    assignments: rolesOf(member, stage),
  })
