import type { RegistrationToken, TokenStanding } from '../../rules/tokens.ts'
import type { Db } from '../db.ts'
import { keyset, type SortColumn } from '../pages/keyset.ts'
import { type Scope, scopeBindings, within } from '../pages/scope.ts'
import type { Listing, Part } from './listing.ts'

/** A token with its sealed text, for those who may have it shown. */
export type ListedToken = RegistrationToken & { sealed: Buffer }

const sort: SortColumn[] = [{ sql: 'k.id', type: 'uuid' }]

/** The rule `tokenStanding` as a condition. */
const standing = `case when k.revoked_at is not null then 'revoked' when k.expires_at <= :now then 'expired'
  when k.maximum_uses is not null and k.uses >= k.maximum_uses then 'used up' else 'usable' end`

const columns = `k.local_account_id as "localAccountId", k.id, k.local_virtual_account_id as "localVirtualAccountId", k.description,
  k.export_controlled as "exportControlled", k.maximum_uses as "maximumUses", k.uses, k.expires_at as "expiresAt", k.created_at as "createdAt",
  k.created_by as "createdBy", k.revoked_at as "revokedAt", k.secret_sealed as sealed`

/** The tokens within `scope`, of one standing or of all, the newest first. */
export function listingOfTokens(db: Db, scope: Scope, filter: { standing: TokenStanding | null }, now: Date): Listing<ListedToken> {
  const matching = `${within(scope, 'k')} and (:standing::text is null or ${standing} = :standing)`
  const bindings = { ...scopeBindings(scope), standing: filter.standing, now }
  return {
    columns: sort,
    cursorOf: row => [row.id],
    async count() {
      const { rows } = await db.raw(`select count(*) from registration_tokens k where ${matching}`, bindings)
      return rows[0].count
    },
    async read(part: Part) {
      const cut = keyset(sort, true, part)
      const result = await db.raw(
        `select ${columns} from registration_tokens k where ${matching} and ${cut.condition} order by ${cut.order} limit :limit offset :offset`,
        { ...bindings, ...cut.bindings, offset: part.offset },
      )
      return result.rows
    },
  }
}
