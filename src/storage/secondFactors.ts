import { later } from '../rules/clock.ts'
import { codePatience } from '../rules/secondFactor.ts'
import type { Db } from './db.ts'

/** Somebody's second factor. `secret` is sealed; it counts once `confirmedAt` is set; `lastStep` is the newest step of time whose code was taken. */
export type SecondFactor = { secret: Buffer; confirmedAt: Date | null; lastStep: number }

/** Somebody's second factor, being set up or in force; undefined where there is none. */
export async function findSecondFactor(db: Db, userId: number): Promise<SecondFactor | undefined> {
  const row = await db('second_factors').where({ user_id: userId }).first('secret', 'confirmed_at', 'last_step')
  return row && { secret: row.secret, confirmedAt: row.confirmed_at, lastStep: Number(row.last_step) }
}

/** Keeps a new secret, which does not count yet; false where one is in force. */
export async function insertSecondFactor(db: Db, userId: number, secret: Buffer, at: Date): Promise<boolean> {
  const { rowCount } = await db.raw(
    `insert into second_factors as f (user_id, secret, created_at) values (:userId, :secret, :at)
     on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
     where f.confirmed_at is null`,
    { userId, secret, at },
  )
  return rowCount === 1
}

/** Takes the code of a step of time, each once: false where that step, or a later one, was taken before. `confirmedAt` puts the factor in force. */
export async function takeStep(db: Db, userId: number, step: number, confirmedAt?: Date): Promise<boolean> {
  const changed = await db('second_factors')
    .where({ user_id: userId })
    .where('last_step', '<', step)
    .update({ last_step: step, ...(confirmedAt && { confirmed_at: confirmedAt }) })
  return changed === 1
}

/** Takes the second factor away, with its recovery codes and what waits for a code; false where there was none. */
export async function deleteSecondFactor(db: Db, userId: number): Promise<boolean> {
  await db('recovery_codes').where({ user_id: userId }).delete()
  await db('waiting_sign_ins').where({ user_id: userId }).delete()
  return (await db('second_factors').where({ user_id: userId }).delete()) > 0
}

/** Puts recovery codes in the place of those before. */
export async function putRecoveryCodes(db: Db, userId: number, hashes: readonly Buffer[]): Promise<void> {
  await db('recovery_codes').where({ user_id: userId }).delete()
  await db('recovery_codes').insert(hashes.map(hash => ({ user_id: userId, code_hash: hash })))
}

/** Uses a recovery code up; false where it is none. */
export const takeRecoveryCode = async (db: Db, userId: number, hash: Buffer): Promise<boolean> =>
  (await db('recovery_codes').where({ user_id: userId, code_hash: hash }).delete()) > 0

/** How many recovery codes are left. */
export async function countRecoveryCodes(db: Db, userId: number): Promise<number> {
  const [row] = await db('recovery_codes').where({ user_id: userId }).count('* as count')
  return Number(row!.count)
}

/** Somebody whose password was right, before the code. */
export type WaitingSignIn = { idHash: Buffer; userId: number; next: string; createdAt: Date }

/** Keeps it; what nobody went on with is forgotten, and so is what the same user began before. */
export async function insertWaitingSignIn(db: Db, { idHash, userId, next, createdAt }: WaitingSignIn): Promise<void> {
  await db('waiting_sign_ins').where({ user_id: userId }).orWhere('created_at', '<=', later(createdAt, -codePatience)).delete()
  await db('waiting_sign_ins').insert({ id_hash: idHash, user_id: userId, next, created_at: createdAt })
}

/** Who waits for a code in this browser, by user name; undefined where nobody does, or for too long. */
export async function findWaitingSignIn(db: Db, idHash: Buffer, now: Date): Promise<{ username: string; next: string } | undefined> {
  return db('waiting_sign_ins as w')
    .join('users as u', 'u.id', 'w.user_id')
    .where('w.id_hash', idHash)
    .where('w.created_at', '>', later(now, -codePatience))
    .first('u.username', 'w.next')
}

/** Ends it; false where somebody else did. */
export const deleteWaitingSignIn = async (db: Db, idHash: Buffer): Promise<boolean> =>
  (await db('waiting_sign_ins').where({ id_hash: idHash }).delete()) > 0
