import { may, type Person } from '../../rules/roles.ts'
import type { Db } from '../db.ts'

/** A Local Account as the picker shows it. */
export type PickedAccount = { uuid: string; name: string; smartAccount: string }

/** The registered accounts that a person may see and whose name, or whose Smart Account's, contains `search`; by name, at most `limit`. */
export async function listAccountsFor(db: Db, person: Person, search: string, limit: number): Promise<PickedAccount[]> {
  const own = person.assignments.flatMap(({ localAccountId }) => (localAccountId === undefined ? [] : [localAccountId]))
  const { rows } = await db.raw(
    `select uuid, name, smart_account_name as "smartAccount" from local_accounts
     where state = 'registered' and (:everywhere or id = any(:own::int[]))
       and (strpos(lower(name), lower(:search)) > 0 or strpos(lower(smart_account_name), lower(:search)) > 0)
     order by lower(name) limit :limit`,
    { everywhere: may(person, 'see server'), own, search, limit },
  )
  return rows
}
