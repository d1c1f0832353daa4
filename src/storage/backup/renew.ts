import type { Db } from '../db.ts'

/**
 * What must not be as it was once a backup is restored: nobody stays signed in by it, what was under way is not, and the cloud, which has seen
 * more than the backup has, gets a full synchronization as soon as the account's schedule lets it go by itself ("the next synchronization is
 * full (`RESTORED`)").
 */
export async function renewRestored(tx: Db, now: Date): Promise<void> {
  await tx('sessions').delete()
  await tx('api_tokens').delete()
  // The backup itself was under way when it looked.
  await tx('backups').where({ state: 'running' }).delete()
  await tx.raw(
    `insert into resynchronizations (local_account_id, reason, last_sequence, token)
     select id, 'RESTORED', null, null from local_accounts where state = 'registered'
     on conflict (local_account_id) do update set reason = 'RESTORED'`,
  )
  await tx('synchronization_schedules').where('next_at', '>', now).update({ next_at: now })
}

/** The statistics that a dump does not carry: without them the first hours would be slow. */
export const analyze = (db: Db): Promise<unknown> => db.raw('analyze')
