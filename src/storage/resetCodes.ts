import type { Db } from './db.ts'

/** A code by which somebody chooses a new password; the database has its keyed hash. */
export type ResetCode = { userId: number; codeHash: Buffer; createdAt: Date; expiresAt: Date; createdBy: string }

/** Keeps a code in the place of the one before. */
export async function putResetCode(db: Db, code: ResetCode): Promise<void> {
  const row = { code_hash: code.codeHash, created_at: code.createdAt, expires_at: code.expiresAt, created_by: code.createdBy }
  await db('password_reset_codes')
    .insert({ user_id: code.userId, ...row })
    .onConflict('user_id')
    .merge()
}

/** The hash of the code that somebody may use at a time; undefined where there is none, or none any more. */
export async function findResetCode(db: Db, userId: number, now: Date): Promise<Buffer | undefined> {
  const row = await db('password_reset_codes').where({ user_id: userId }).where('expires_at', '>', now).first('code_hash')
  return row?.code_hash
}

/** Takes somebody's code away. */
export async function deleteResetCode(db: Db, userId: number): Promise<void> {
  await db('password_reset_codes').where({ user_id: userId }).delete()
}
