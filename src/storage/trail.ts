import type { TrailLink, TrailPlace, TrailRecord } from '../rules/trail.ts'
import type { Db } from './db.ts'

/** Hands records to the trail, in the transaction of what they tell of: the chain takes them as that commits. */
export async function insertTrailRecords(db: Db, records: TrailRecord[]): Promise<void> {
  if (records.length === 0) return
  await db.raw('insert into trail_waiting (at, record) select * from unnest(?::timestamptz[], ?::text[])', [
    records.map(({ at }) => at),
    records.map(record => JSON.stringify(record)),
  ])
}

/** A link with the time that its column says. */
export type StoredLink = TrailLink & { at: Date }

/** Where the chain ends. `lock` keeps others from adding to it until the transaction ends. */
export const findTrailHead = async (db: Db, lock = false): Promise<TrailPlace> => {
  const query = db('trail_head').first('number', 'hash')
  return lock ? query.forUpdate() : query
}

/** The links after a number, some thousand at a time, in order. */
export async function* readTrail(db: Db, after: number): AsyncGenerator<StoredLink[]> {
  let last = after
  for (;;) {
    const links: StoredLink[] = await db('trail')
      .select('number', 'at', 'record', 'hash')
      .where('number', '>', last)
      .orderBy('number')
      .limit(2000)
    if (links.length === 0) return
    yield links
    last = links.at(-1)!.number
  }
}

/** A place of the chain that was sealed with the server key; what lies before an anchor may be gone. */
export type TrailSeal = TrailPlace & { sealedAt: Date; seal: Buffer; anchor: boolean }

/** Every seal there is, in order. */
export const listTrailSeals = (db: Db): Promise<TrailSeal[]> =>
  db('trail_seals').select('number', 'hash', 'sealed_at as sealedAt', 'seal', 'anchor').orderBy('number')

/** Keeps a seal; the anchor of a place takes the place of its seal. */
export async function putTrailSeal(db: Db, { number, hash, sealedAt, seal, anchor }: TrailSeal): Promise<void> {
  await db('trail_seals')
    .insert({ number, hash, sealed_at: sealedAt, seal, anchor })
    .onConflict('number')
    .merge(['anchor', 'seal', 'sealed_at'])
}

/** The last record from before a time; undefined where there is none. */
export const findLastLinkBefore = (db: Db, before: Date): Promise<TrailPlace | undefined> =>
  db('trail').select('number', 'hash').where('at', '<', before).orderBy('number', 'desc').first()

/** Takes away what lies up to a place that is an anchor, with the seals before it. Gives how many records that were. */
export async function deleteTrailUpTo(db: Db, number: number): Promise<number> {
  await db('trail_seals').where('number', '<', number).delete()
  return db('trail').where('number', '<=', number).delete()
}

/** How many records there are up to a number. */
export async function countTrailUpTo(db: Db, number: number): Promise<number> {
  const [row] = await db('trail').where('number', '<=', number).count({ count: '*' })
  return Number(row!.count)
}
