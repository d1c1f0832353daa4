import type { Privacy } from '../../rules/accounts.ts'
import type { ExchangeState, Synchronization } from '../../rules/exchanges.ts'
import type { SynchronizationSchedule } from '../../rules/schedules.ts'
import type { Db } from '../db.ts'

/** A registered account as the list of synchronizations shows it. `own` is null where the server's schedule holds. */
export type SynchronizingAccount = {
  uuid: string
  name: string
  lastSynchronizedAt: Date | null
  nextAt: Date | null
  own: SynchronizationSchedule['frequency'] | null
  privacy: Privacy
  latest: Pick<Synchronization, 'kind' | 'carrier' | 'state' | 'message'> | null
}

/** Registered accounts by name, from the one after `after` on. */
export async function listSynchronizingAccounts(
  db: Db,
  { search, after, limit }: { search: string; after: string; limit: number },
): Promise<SynchronizingAccount[]> {
  const { rows } = await db.raw(
    `select l.uuid, l.name, l.last_synchronized_at as "lastSynchronizedAt", s.next_at as "nextAt", s.frequency as own,
            json_build_object('hostname', l.withhold_hostname, 'ip', l.withhold_ip, 'mac', l.withhold_mac) as privacy, latest.latest
     from local_accounts l
     left join synchronization_schedules s on s.local_account_id = l.id
     left join lateral (
       select json_build_object('kind', x.kind, 'carrier', x.carrier, 'state', x.state, 'message', x.message) as latest
       from synchronizations x where x.local_account_id = l.id order by x.id desc limit 1) latest on true
     where l.state = 'registered' and lower(l.name) > lower(:after) and (:search = '' or strpos(lower(l.name), lower(:search)) > 0)
     order by lower(l.name) limit :limit`,
    { search, after, limit },
  )
  return rows
}

/** An exchange with the name of its account. */
export type ExchangeRow = Pick<
  Synchronization,
  'id' | 'kind' | 'carrier' | 'reason' | 'state' | 'sequence' | 'requestedBy' | 'createdAt' | 'finishedAt' | 'message' | 'summary'
> & { hasResponse: boolean; account: { uuid: string; name: string } }

/** Every exchange of every account, or of one, the newest first; from the one after `after` on. */
export async function listExchangeRows(
  db: Db,
  {
    localAccountId,
    state,
    after,
    limit,
  }: { localAccountId: number | null; state: ExchangeState[] | null; after: number | null; limit: number },
): Promise<ExchangeRow[]> {
  const { rows } = await db.raw(
    `select s.id, s.kind, s.carrier, s.reason, s.state, s.sequence, s.requested_by as "requestedBy", s.created_at as "createdAt",
            s.finished_at as "finishedAt", s.message, s.summary, s.response is not null as "hasResponse",
            json_build_object('uuid', l.uuid, 'name', l.name) as account
     from synchronizations s join local_accounts l on l.id = s.local_account_id
     where (:localAccountId::integer is null or s.local_account_id = :localAccountId) and (:state::text[] is null or s.state = any(:state))
       and (:after::bigint is null or s.id < :after)
     order by s.id desc limit :limit`,
    { localAccountId, state, after, limit },
  )
  return rows
}
