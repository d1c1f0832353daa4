import type { RoleAssignment } from '../rules/roles.ts'
import type { Db } from './db.ts'

/** Gives a role in a place; giving it twice changes nothing. */
export async function insertRoleAssignment(db: Db, userId: number, assignment: RoleAssignment): Promise<void> {
  await db('role_assignments')
    .insert({
      user_id: userId,
      role: assignment.role,
      local_account_id: assignment.localAccountId ?? null,
      local_virtual_account_id: assignment.localVirtualAccountId ?? null,
    })
    .onConflict()
    .ignore()
}

/** The roles somebody holds, wherever that is. */
export async function listRolesOf(db: Db, userId: number): Promise<RoleAssignment['role'][]> {
  const rows = await db('role_assignments').where({ user_id: userId }).distinct('role')
  return rows.map(row => row.role)
}

/** How many people hold a role and are not disabled: somebody has to be left who may do everything. */
export async function countHolders(db: Db, role: RoleAssignment['role']): Promise<number> {
  const [row] = await db('role_assignments')
    .join('users', 'users.id', 'role_assignments.user_id')
    .where({ role })
    .whereNull('users.disabled_at')
    .countDistinct({ count: 'users.id' })
  return Number(row!.count)
}

/** Everything that somebody may be, wherever that is. */
export async function assignmentsOf(db: Db, userId: number): Promise<RoleAssignment[]> {
  const rows = await db('role_assignments').where({ user_id: userId })
  return rows.map(row => ({
    role: row.role,
    ...(row.local_account_id !== null && { localAccountId: row.local_account_id }),
    ...(row.local_virtual_account_id !== null && { localVirtualAccountId: row.local_virtual_account_id }),
  }))
}
