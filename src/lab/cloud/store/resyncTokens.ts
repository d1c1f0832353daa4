import { hashOf } from '../secrets.ts'
import type { Db } from './database.ts'

/** Keeps a one-time token for a full synchronization; one at a time for a registration. */
export function putResyncToken(db: Db, registrationId: number, token: string, lastSequence: number): void {
  db.run('delete from resync_tokens where registration_id = ?', registrationId)
  db.run('insert into resync_tokens values (?, ?, ?)', hashOf(token), registrationId, lastSequence)
}

/** The sequence that goes with a token; undefined for one that was used or never given. */
export const findResyncToken = (db: Db, registrationId: number, token: string): number | undefined =>
  db.one<{ last_sequence: number }>(
    'select last_sequence from resync_tokens where registration_id = ? and token_hash = ?',
    registrationId,
    hashOf(token),
  )?.last_sequence

/** The token has been used. */
export const dropResyncTokens = (db: Db, registrationId: number): void =>
  void db.run('delete from resync_tokens where registration_id = ?', registrationId)
