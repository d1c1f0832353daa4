import type { Reach, Topic } from '../rules/receivers.ts'
import type { Db } from './db.ts'

/** A receiver as it is kept. `secret` is the key that its messages are signed with, sealed. */
export type Receiver = Reach & {
  id: number
  name: string
  secret: Buffer | null
  topics: Topic[]
  createdAt: Date
  createdBy: string
  /** Failures in a row, and since when. */
  attempts: number
  failure: string | null
  failingSince: Date | null
  nextAt: Date
  lastDeliveredAt: Date | null
  dropped: number
}

const columns = `r.id, r.kind, r.name, r.settings, r.secret, r.topics, r.created_at as "createdAt", r.created_by as "createdBy", r.attempts, r.failure,
  r.failing_since as "failingSince", r.next_at as "nextAt", r.last_delivered_at as "lastDeliveredAt", r.dropped`
const waits = 'n.delivered_at is null and n.given_up_at is null'

/** Every receiver with how many notices wait for it, by name. */
export async function listReceivers(db: Db): Promise<(Receiver & { waiting: number })[]> {
  const { rows } = await db.raw(
    `select ${columns}, (select count(*) from notices n where n.receiver_id = r.id and ${waits}) as waiting from receivers r order by r.name`,
  )
  return rows
}

/** One receiver; undefined where there is none of this number. `lock` keeps others from changing it until the transaction ends. */
export async function findReceiver(db: Db, id: number, lock = false): Promise<Receiver | undefined> {
  const { rows } = await db.raw(`select ${columns} from receivers r where r.id = ? ${lock ? 'for update' : ''}`, [id])
  return rows[0]
}

/** How many receivers there are. */
export async function countReceivers(db: Db): Promise<number> {
  const row = await db('receivers').count({ count: '*' }).first()
  return Number(row?.count)
}

/** Adds a receiver and gives its number; undefined where another has the name. What happens from here on is told to it. */
export async function insertReceiver(
  db: Db,
  {
    kind,
    settings,
    name,
    topics,
    secret,
    createdAt,
    createdBy,
  }: Reach & Pick<Receiver, 'name' | 'topics' | 'secret' | 'createdAt' | 'createdBy'>,
): Promise<number | undefined> {
  const row = {
    kind,
    settings: JSON.stringify(settings),
    name,
    topics,
    secret,
    created_at: createdAt,
    created_by: createdBy,
    next_at: createdAt,
  }
  const [made] = await db('receivers').insert(row).onConflict('name').ignore().returning('id')
  return made?.id
}

/** Changes what a receiver is and how it is reached; what waits is tried at once. False where another has the name. */
export async function updateReceiver(
  db: Db,
  { id, settings, name, topics }: Reach & Pick<Receiver, 'id' | 'name' | 'topics'>,
  at: Date,
): Promise<boolean> {
  if (await db('receivers').where({ name }).whereNot({ id }).first('id')) return false
  await db('receivers')
    .where({ id })
    .update({ settings: JSON.stringify(settings), name, topics, next_at: at, dropped: 0 })
  return true
}

/** Puts another key in the place of a receiver's. */
export const updateReceiverSecret = (db: Db, id: number, secret: Buffer): Promise<void> =>
  db('receivers').where({ id }).update({ secret }).then()

/** Removes a receiver with what waits for it, and gives its name. */
export async function deleteReceiver(db: Db, id: number): Promise<string | undefined> {
  const [row] = await db('receivers').where({ id }).delete().returning('name')
  await db('notices').where({ receiver_id: id }).delete()
  return row?.name
}

/** Takes the receivers that something waits for and that may be tried now, so that whoever else looks sees them planned for `until`. */
export async function claimReceivers(db: Db, now: Date, until: Date): Promise<Receiver[]> {
  const { rows } = await db.raw(
    `update receivers r set next_at = :until
     from (select id from receivers r where next_at <= :now and exists (select from notices n where n.receiver_id = r.id and ${waits})
           order by id for update skip locked) due
     where r.id = due.id returning ${columns}`,
    { now, until },
  )
  return rows
}

/** It has taken something: no failure stands any more. It is planned for `nextAt`. */
export const markReceiverReached = (db: Db, id: number, { at, nextAt }: { at: Date; nextAt: Date }): Promise<void> =>
  db('receivers').where({ id }).update({ attempts: 0, failure: null, failing_since: null, last_delivered_at: at, next_at: nextAt }).then()

/** It could not be told; it is tried again at `nextAt`. */
export async function markReceiverFailed(
  db: Db,
  id: number,
  { failure, attempts, at, nextAt }: { failure: string; attempts: number; at: Date; nextAt: Date },
): Promise<void> {
  await db('receivers')
    .where({ id })
    .update({ failure, attempts, next_at: nextAt, failing_since: db.raw('coalesce(failing_since, ?)', [at]) })
}

/** It is free for whoever looks next. */
export const releaseReceiver = (db: Db, id: number, at: Date): Promise<void> => db('receivers').where({ id }).update({ next_at: at }).then()

/** Counts what was given up of a receiver's because too much waited; gives how much that is by now. */
export async function countDropped(db: Db, id: number, more: number): Promise<number> {
  const [row] = await db('receivers')
    .where({ id })
    .update({ dropped: db.raw('dropped + ?', [more]) })
    .returning('dropped')
  return Number(row?.dropped ?? more)
}
