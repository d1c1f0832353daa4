import type { Notice } from '../rules/receivers.ts'
import type { Db } from './db.ts'

/** A notice with what became of it. */
export type Delivery = Notice & { attempts: number; answer: string | null; deliveredAt: Date | null; givenUpAt: Date | null }

const waiting = { delivered_at: null, given_up_at: null }

/**
 * Writes a notice for one receiver, which does not wait: whoever writes it sends it. Those of alerts and of the trail are written by the database, with
 * what they tell of.
 */
export async function insertNotice(db: Db, receiverId: number, notice: Omit<Notice, 'id'>): Promise<Notice> {
  const [row] = await db('notices')
    .insert({ ...notice, receiver_id: receiverId, given_up_at: notice.at, answer: 'Was not answered.' })
    .returning('id')
  return { ...notice, id: row.id }
}

/** The notices that wait for a receiver, the oldest first. */
export const listWaitingNotices = (db: Db, receiverId: number, limit: number): Promise<(Notice & { attempts: number })[]> =>
  db('notices')
    .where({ receiver_id: receiverId, ...waiting })
    .orderBy('id')
    .limit(limit)
    .select('id', 'topic', 'at', 'content', 'attempts')

/** What a receiver was told last, and is to be told, the newest first. */
export const listDeliveries = (db: Db, receiverId: number, limit: number): Promise<Delivery[]> =>
  db('notices')
    .where({ receiver_id: receiverId })
    .orderBy('id', 'desc')
    .limit(limit)
    .select('id', 'topic', 'at', 'content', 'attempts', 'answer', 'delivered_at as deliveredAt', 'given_up_at as givenUpAt')

/** A receiver has taken these. */
export const markNoticesDelivered = (
  db: Db,
  receiverId: number,
  ids: number[],
  { at, answer }: { at: Date; answer: string },
): Promise<void> =>
  db('notices')
    .where({ receiver_id: receiverId })
    .whereIn('id', ids)
    .update({ delivered_at: at, given_up_at: null, answer, attempts: db.raw('attempts + 1') })
    .then()

/** A receiver could not be told this one, or will not take it; with `givenUpAt` it is not told again. */
export const markNoticeFailed = (
  db: Db,
  receiverId: number,
  id: number,
  { answer, givenUpAt }: { answer: string; givenUpAt: Date | null },
): Promise<void> =>
  db('notices')
    .where({ receiver_id: receiverId, id })
    .update({ answer, given_up_at: givenUpAt, attempts: db.raw('attempts + 1') })
    .then()

/** Lets one that was given up, or taken, wait again. False where there is none, or it waits already. */
export async function requeueNotice(db: Db, receiverId: number, id: number): Promise<boolean> {
  const changed = await db('notices')
    .where({ receiver_id: receiverId, id })
    .where(those => those.whereNotNull('delivered_at').orWhereNotNull('given_up_at'))
    .update({ ...waiting, attempts: 0, answer: null })
  return changed === 1
}

/** Gives up the oldest of what waits for a receiver beyond `most`; gives how many that were. */
export async function giveUpBeyond(db: Db, receiverId: number, most: number, at: Date): Promise<number> {
  const newest = db('notices')
    .where({ receiver_id: receiverId, ...waiting })
    .orderBy('id', 'desc')
    .offset(most)
    .limit(1)
    .select('id')
  return db('notices')
    .where({ receiver_id: receiverId, ...waiting })
    .where('id', '<=', newest)
    .update({ given_up_at: at, answer: 'Too many waited.' })
}

/** Forgets what receivers took, or will never get, that is older than a date; and what waits for a receiver that is gone. */
export const deleteNoticesBefore = (db: Db, date: Date): Promise<number> =>
  db('notices')
    .where('at', '<', date)
    .where(those => those.whereNotNull('delivered_at').orWhereNotNull('given_up_at'))
    .orWhereNotIn('receiver_id', db('receivers').select('id'))
    .delete()
