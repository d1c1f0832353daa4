import type { GroupOrigin } from '../../rules/groupRoles.ts'
import type { Role } from '../../rules/roles.ts'
import type { Db } from '../db.ts'

/** A rule as the page shows it, with the names of its place. */
export type GroupRoleRow = {
  id: number
  origin: GroupOrigin
  pattern: string
  role: Role
  account: string | null
  localVirtualAccount: string | null
  createdBy: string
  createdAt: Date
}

/** Every rule that gives a role to a group, by group. */
export async function listGroupRoleRows(db: Db): Promise<GroupRoleRow[]> {
  const { rows } = await db.raw(
    `select g.id, g.origin, g.pattern, g.role, l.name as account, v.name as "localVirtualAccount",
            g.created_by as "createdBy", g.created_at as "createdAt"
     from group_roles g left join local_accounts l on l.id = g.local_account_id
     left join local_virtual_accounts v on v.local_account_id = g.local_account_id and v.id = g.local_virtual_account_id
     order by lower(g.pattern), g.id`,
  )
  return rows
}
