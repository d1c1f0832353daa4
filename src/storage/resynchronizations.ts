import type { Resynchronization } from '../rules/exchanges.ts'
import type { Db } from './db.ts'

/** Why an account's next exchange must be full; undefined when a standard one will do. */
export async function findResynchronization(db: Db, localAccountId: number): Promise<Resynchronization | undefined> {
  const row = await db('resynchronizations').where({ local_account_id: localAccountId }).first()
  return row && { reason: row.reason, lastSequence: row.last_sequence, token: row.token }
}

/** Remembers that the next exchange must be full. */
export async function putResynchronization(db: Db, localAccountId: number, resynchronization: Resynchronization): Promise<void> {
  await db('resynchronizations')
    .insert({
      local_account_id: localAccountId,
      reason: resynchronization.reason,
      last_sequence: resynchronization.lastSequence,
      token: resynchronization.token,
    })
    .onConflict('local_account_id')
    .merge()
}

/** A full one has been applied. */
export async function deleteResynchronization(db: Db, localAccountId: number): Promise<void> {
  await db('resynchronizations').where({ local_account_id: localAccountId }).delete()
}
