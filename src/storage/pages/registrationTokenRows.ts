import type { RegistrationToken, TokenStanding } from '../../rules/tokens.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { keyset, type Page, pageOf, type Slice, type SortColumn } from './keyset.ts'
import { listedPlaces, type PlaceName, placeBindings } from './places.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

/** A row of Inventory › Registration tokens: the token without its secret. */
export type RegistrationTokenRow = RegistrationToken & { localVirtualAccount: string; revokedBy: string | null }

export type RegistrationTokenRows = { page: Page<RegistrationTokenRow>; places: PlaceName[] }

/** Tokens are sorted by their identifier, which begins with the time they were made at. */
export const registrationTokenSort: SortColumn[] = [{ sql: 'k.id', type: 'uuid' }]

/** The rule `tokenStanding` as a condition. */
const standing = `case when k.revoked_at is not null then 'revoked' when k.expires_at <= :now then 'expired'
  when k.maximum_uses is not null and k.uses >= k.maximum_uses then 'used up' else 'usable' end`

const columns = `k.local_account_id as "localAccountId", k.id, k.local_virtual_account_id as "localVirtualAccountId", k.description,
  k.export_controlled as "exportControlled", k.maximum_uses as "maximumUses", k.uses, k.expires_at as "expiresAt", k.created_at as "createdAt",
  k.created_by as "createdBy", k.revoked_at as "revokedAt", k.revoked_by as "revokedBy", v.name as "localVirtualAccount"`

/** A page of the tokens within `narrow`, the part of `scope` that a filter names, the newest first; of one standing if it is given. One query. */
export async function listRegistrationTokenRows(
  db: Db,
  scope: Scope,
  narrow: Scope,
  filter: { standing: TokenStanding | null },
  slice: Slice,
  now: Date,
): Promise<RegistrationTokenRows> {
  const { condition, order, bindings } = keyset(registrationTokenSort, true, slice)
  const result = await db.raw(
    `select ${listedPlaces(scope)} as places, (
       select coalesce(json_agg(r), '[]') from (
         select ${columns} from registration_tokens k
           join local_virtual_accounts v on v.local_account_id = k.local_account_id and v.id = k.local_virtual_account_id
         where ${within(narrow, 'k')} and (:standing::text is null or ${standing} = :standing) and ${condition}
         order by ${order} limit :limit) r) as rows`,
    { ...bindings, ...placeBindings(scope), ...scopeBindings(narrow), standing: filter.standing, now },
  )
  const rows = withDates<RegistrationTokenRow>(result.rows[0].rows, 'expiresAt', 'createdAt', 'revokedAt')
  return { page: pageOf(rows, slice, row => [row.id]), places: result.rows[0].places }
}

/** One token within `scope`, or undefined; with the places that a form offers. */
export async function findRegistrationTokenRow(db: Db, scope: Scope, id: string): Promise<RegistrationTokenRow | undefined> {
  const result = await db.raw(
    `select ${columns} from registration_tokens k
       join local_virtual_accounts v on v.local_account_id = k.local_account_id and v.id = k.local_virtual_account_id
     where ${within(scope, 'k')} and k.id = :id`,
    { ...scopeBindings(scope), id },
  )
  return result.rows[0]
}
