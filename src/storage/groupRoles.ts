import type { GroupOrigin, GroupRole } from '../rules/groupRoles.ts'
import type { RoleAssignment } from '../rules/roles.ts'
import type { Db } from './db.ts'

type Row = {
  id: number
  origin: GroupOrigin
  pattern: string
  role: RoleAssignment['role']
  local_account_id: number | null
  local_virtual_account_id: number | null
}

const fromRow = (row: Row): GroupRole => ({
  id: row.id,
  origin: row.origin,
  pattern: row.pattern,
  assignment: {
    role: row.role,
    ...(row.local_account_id !== null && { localAccountId: row.local_account_id }),
    ...(row.local_virtual_account_id !== null && { localVirtualAccountId: row.local_virtual_account_id }),
  },
})

/** The rules for groups of one origin. */
export const listGroupRoles = async (db: Db, origin: GroupOrigin): Promise<GroupRole[]> =>
  (await db<Row>('group_roles').where({ origin }).orderBy('id')).map(fromRow)

/** Adds a rule; false where it is there already. */
export async function insertGroupRole(
  db: Db,
  { origin, pattern, assignment }: Omit<GroupRole, 'id'>,
  by: { at: Date; who: string },
): Promise<boolean> {
  const rows = await db('group_roles')
    .insert({
      origin,
      pattern,
      role: assignment.role,
      local_account_id: assignment.localAccountId ?? null,
      local_virtual_account_id: assignment.localVirtualAccountId ?? null,
      created_at: by.at,
      created_by: by.who,
    })
    .onConflict()
    .ignore()
    .returning('id')
  return rows.length > 0
}

/** Removes a rule and gives it; undefined where there is none of this number. */
export async function deleteGroupRole(db: Db, id: number): Promise<GroupRole | undefined> {
  const [row] = await db<Row>('group_roles').where({ id }).delete().returning('*')
  return row && fromRow(row)
}
