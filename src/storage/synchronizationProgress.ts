import { later, minute } from '../rules/clock.ts'
import type { ExchangeProgress } from '../rules/exchanges.ts'
import type { Db } from './db.ts'

/** What nobody has told anything of for so long is not under way any more: whoever carried it was killed. */
export const forgottenAfter = 2 * minute

/** Puts how far an account's exchange is in the place of what it was. */
export async function putProgress(db: Db, localAccountId: number, { step, done, total }: ExchangeProgress, at: Date): Promise<void> {
  await db('synchronization_progress')
    .insert({ local_account_id: localAccountId, step, done, total, told_at: at })
    .onConflict('local_account_id')
    .merge()
}

/** How far the exchange of an account is that is under way at this moment. */
export async function findProgress(db: Db, localAccountId: number, now: Date): Promise<ExchangeProgress | undefined> {
  const row = await db('synchronization_progress')
    .where({ local_account_id: localAccountId })
    .where('told_at', '>', later(now, -forgottenAfter))
    .first('step', 'done', 'total')
  return row
}

/** The exchange has come to its end. */
export async function deleteProgress(db: Db, localAccountId: number): Promise<void> {
  await db('synchronization_progress').where({ local_account_id: localAccountId }).delete()
}
