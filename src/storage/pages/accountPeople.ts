import type { GroupOrigin } from '../../rules/groupRoles.ts'
import type { Role } from '../../rules/roles.ts'
import type { Db } from '../db.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { type Scope, scopeBindings } from './scope.ts'
import { containing } from './search.ts'

/** A role that somebody holds in an account, or in a Local Virtual Account of it. */
export type HeldRole = {
  role: Role
  localVirtualAccountId: number | null
  localVirtualAccount: string | null
  grantedBy: 'person' | 'groups'
}

/** Somebody with a role in an account. */
export type AccountPerson = {
  id: number
  username: string
  displayName: string
  disabledAt: Date | null
  lastSignInAt: Date | null
  roles: HeldRole[]
}

/** A group whose members have a role in an account. */
export type AccountGroup = { id: number; origin: GroupOrigin; pattern: string; role: Role; localVirtualAccount: string | null }

/** People are sorted by their name to sign in with. */
export const accountPeopleSort: SortColumn[] = [{ sql: 'lower(u.username)', type: 'text' }]

/** A page shows no more groups than this; the rest stands in Access management. */
const mostGroups = 100

const roleOf = 'r.user_id = u.id and r.local_account_id = :account'

/**
 * A page of those who have a role in an account, whose name contains a text, by user name; and the groups that give one. Who may everywhere is not
 * among them. One query.
 */
export async function listAccountPeople(
  db: Db,
  scope: Scope,
  search: string,
  slice: Slice,
): Promise<{ page: Page<AccountPerson>; groups: AccountGroup[] }> {
  const { condition, order, bindings } = keyset(accountPeopleSort, false, slice)
  const result = await db.raw(
    `select (select coalesce(json_agg(p), '[]') from (
        select u.id, u.username, u.display_name as "displayName", u.disabled_at as "disabledAt", u.last_sign_in_at as "lastSignInAt",
          (select json_agg(json_build_object('role', r.role, 'localVirtualAccountId', r.local_virtual_account_id, 'localVirtualAccount', v.name,
                                             'grantedBy', r.granted_by) order by r.id)
           from role_assignments r left join local_virtual_accounts v on v.local_account_id = r.local_account_id and v.id = r.local_virtual_account_id
           where ${roleOf}) as roles
        from users u where exists (select from role_assignments r where ${roleOf})
          and (u.username || ' ' || u.display_name) ilike :pattern and ${condition}
        order by ${order} limit :limit) p) as people,
      (select coalesce(json_agg(g), '[]') from (
        select g.id, g.origin, g.pattern, g.role, v.name as "localVirtualAccount" from group_roles g
          left join local_virtual_accounts v on v.local_account_id = g.local_account_id and v.id = g.local_virtual_account_id
        where g.local_account_id = :account order by lower(g.pattern), g.id limit ${mostGroups}) g) as groups`,
    { ...scopeBindings(scope), ...bindings, pattern: containing(search) },
  )
  const { people, groups } = result.rows[0]
  const rows = (people as AccountPerson[]).map(person => ({
    ...person,
    disabledAt: person.disabledAt && new Date(person.disabledAt),
    lastSignInAt: person.lastSignInAt && new Date(person.lastSignInAt),
  }))
  return { page: pageOf(rows, slice, row => [row.username.toLowerCase()]), groups }
}
