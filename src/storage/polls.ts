import type { PollAction } from '../wire/messages/poll.ts'
import type { Db } from './db.ts'

/** A request that waits for its answer, or the answer that it got (wire-device 5.5, POLL). */
export type Poll<Request = unknown, Answer = unknown> = {
  localAccountId: number
  id: number
  sender: Buffer
  action: PollAction
  request: Request
  answer: Answer | null
  createdAt: Date
  finishedAt: Date | null
}

const columns = `local_account_id as "localAccountId", id, sender, action, request, answer, created_at as "createdAt", finished_at as "finishedAt"`

/** Keeps a request that must wait. One sender waits once for each action: asking again puts the newer request in the older one's place. */
export async function keepPoll(db: Db, poll: Pick<Poll, 'localAccountId' | 'sender' | 'action' | 'request' | 'createdAt'>): Promise<Poll> {
  const result = await db.raw(
    `insert into polls (local_account_id, sender, action, request, created_at)
     values (:localAccountId, :sender, :action, :request, :createdAt)
     on conflict (local_account_id, sender, action) where finished_at is null do update set request = excluded.request
     returning ${columns}`,
    { ...poll, request: JSON.stringify(poll.request) },
  )
  return result.rows[0]
}

/** The poll of that number, whoever asks: whose it is, is the caller's question. */
export async function findPoll(db: Db, id: number): Promise<Poll | undefined> {
  const result = await db.raw(`select ${columns} from polls where id = ?`, [id])
  return result.rows[0]
}

/** Whether a registration of the account waits: only those of agents that know three certificates do. */
export async function waitsForThreeTier(db: Db, localAccountId: number): Promise<boolean> {
  const found = await db('polls').where({ local_account_id: localAccountId, action: 'registration' }).whereNull('finished_at').first('id')
  return found !== undefined
}

/** Keeps the final answer. */
export async function finishPoll(db: Db, poll: Pick<Poll, 'localAccountId' | 'id'>, answer: object, at: Date): Promise<void> {
  await db('polls')
    .where({ local_account_id: poll.localAccountId, id: poll.id })
    .update({ answer: JSON.stringify(answer), finished_at: at })
}

/** Forgets what was asked or answered before then; gives how many. */
export const deletePollsBefore = (db: Db, before: Date): Promise<number> =>
  db('polls').whereRaw('coalesce(finished_at, created_at) < ?', [before]).delete()
