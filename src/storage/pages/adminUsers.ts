import type { Role } from '../../rules/roles.ts'
import type { Origin } from '../../rules/users.ts'
import type { Db } from '../db.ts'

/** A role with the names of the place it is held in. */
export type NamedRole = { role: Role; account: string | null; localVirtualAccount: string | null; grantedBy: 'person' | 'groups' }

/** A row of the users page. */
export type AdminUser = {
  username: string
  displayName: string
  email: string | null
  origin: Origin
  confirmedAt: Date | null
  disabledAt: Date | null
  lockedUntil: Date | null
  lastSignInAt: Date | null
  createdAt: Date
  mustChangePassword: boolean
  sessions: number
  hasSecondFactor: boolean
  roles: NamedRole[]
}

type Wish = { search: string; after: string; limit: number }

/** Users whose name contains `search`, by user name, from the one after `after` on; with their roles and how many browsers they use. */
export const listAdminUsers = (db: Db, { search, after, limit }: Wish): Promise<AdminUser[]> =>
  ask(
    db,
    `lower(u.username) > lower(:after)
       and (:search = '' or strpos(lower(u.username || ' ' || u.display_name || ' ' || coalesce(u.email, '')), lower(:search)) > 0)
     order by lower(u.username) limit :limit`,
    { search, after, limit },
  )

/** One user, as the list shows them. */
export async function findAdminUser(db: Db, username: string): Promise<AdminUser | undefined> {
  const [user] = await ask(db, 'lower(u.username) = lower(:username)', { username })
  return user
}

async function ask(db: Db, condition: string, bindings: Record<string, string | number>): Promise<AdminUser[]> {
  const { rows } = await db.raw(
    `select u.username, u.display_name as "displayName", u.email, u.origin, u.confirmed_at as "confirmedAt", u.disabled_at as "disabledAt", u.locked_until as "lockedUntil",
            u.last_sign_in_at as "lastSignInAt", u.created_at as "createdAt", u.must_change_password as "mustChangePassword",
            (select count(*) from sessions s where s.user_id = u.id) as sessions,
            exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as "hasSecondFactor",
            coalesce((select json_agg(json_build_object('role', r.role, 'account', l.name, 'localVirtualAccount', v.name, 'grantedBy', r.granted_by) order by r.id)
                      from role_assignments r left join local_accounts l on l.id = r.local_account_id
                      left join local_virtual_accounts v on v.local_account_id = r.local_account_id and v.id = r.local_virtual_account_id
                      where r.user_id = u.id), '[]') as roles
     from users u where ${condition}`,
    bindings,
  )
  return rows
}
