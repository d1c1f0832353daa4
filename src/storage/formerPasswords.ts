import type { Db } from './db.ts'

/** The hashes of the passwords that somebody had before, the latest first. */
export const listFormerPasswords = (db: Db, userId: number, most: number): Promise<string[]> =>
  db('former_passwords').where({ user_id: userId }).orderBy('replaced_at', 'desc').limit(most).pluck('password_hash')

/** Remembers the present password as a former one, and forgets those beyond `most`. Somebody who has none here has nothing to remember. */
export async function rememberPassword(db: Db, userId: number, now: Date, most: number): Promise<void> {
  await db.raw(
    `insert into former_passwords (user_id, replaced_at, password_hash)
     select id, :now, password_hash from users where id = :userId and password_hash is not null on conflict do nothing`,
    { userId, now },
  )
  const beyond = db('former_passwords').select('replaced_at').where({ user_id: userId }).orderBy('replaced_at', 'desc').offset(most)
  await db('former_passwords').where({ user_id: userId }).whereIn('replaced_at', beyond).delete()
}
