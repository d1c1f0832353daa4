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

/**
 * Puts the roles that somebody's groups give in the place of those they gave before; what a person gave stays. Says whether anything changed.
 */
export async function putGroupRoles(tx: Db, userId: number, assignments: readonly RoleAssignment[]): Promise<boolean> {
  const rows = assignments.map(({ role, localAccountId = null, localVirtualAccountId = null }) => [
    role,
    localAccountId,
    localVirtualAccountId,
  ])
  const wanted = JSON.stringify(rows)
  const { rows: changed } = await tx.raw(
    `with wanted as (select w ->> 0 as role, (w ->> 1)::integer as account, (w ->> 2)::integer as part from jsonb_array_elements(:wanted::jsonb) w),
     gone as (delete from role_assignments r where r.user_id = :userId and r.granted_by = 'groups' and not exists (select from wanted w
       where w.role = r.role and w.account is not distinct from r.local_account_id and w.part is not distinct from r.local_virtual_account_id)
       returning 1),
     come as (insert into role_assignments (user_id, role, local_account_id, local_virtual_account_id, granted_by)
       select :userId, role, account, part, 'groups' from wanted on conflict do nothing returning 1)
     select (select count(*) from gone) + (select count(*) from come) as number`,
    { wanted, userId },
  )
  return Number(changed[0].number) > 0
}

/** Takes every role from somebody, whoever gave it. */
export async function deleteRolesOf(tx: Db, userId: number): Promise<void> {
  await tx('role_assignments').where({ user_id: userId }).delete()
}

/** The roles somebody holds, wherever that is. */
export async function listRolesOf(db: Db, userId: number): Promise<RoleAssignment['role'][]> {
  const rows = await db('role_assignments').where({ user_id: userId }).distinct('role')
  return rows.map(row => row.role)
}

/** How many local users hold a role and are not disabled: somebody has to be left who may do everything, whatever becomes of a directory. */
export async function countHolders(db: Db, role: RoleAssignment['role']): Promise<number> {
  const [row] = await db('role_assignments')
    .join('users', 'users.id', 'role_assignments.user_id')
    .where({ role, origin: 'local' })
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

/** Lets one transaction at a time take roles away, so that each sees what the other has left. */
export const lockRoles = (db: Db): Promise<unknown> => db.raw('lock table role_assignments in share row exclusive mode')

/** Takes a role that a person gave. Whether it was there. */
export async function deleteRoleAssignment(db: Db, userId: number, assignment: RoleAssignment): Promise<boolean> {
  const { rowCount } = await db.raw(
    `delete from role_assignments where user_id = ? and role = ? and granted_by = 'person'
       and local_account_id is not distinct from ? and local_virtual_account_id is not distinct from ?`,
    [userId, assignment.role, assignment.localAccountId ?? null, assignment.localVirtualAccountId ?? null],
  )
  return rowCount > 0
}
