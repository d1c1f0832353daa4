import type { BatchCounts } from '../rules/instanceBatches.ts'
import type { Db } from './db.ts'
import { keyset } from './pages/keyset.ts'
import { matching, type ProductInstanceFilter, productInstanceSort } from './pages/productInstanceChoice.ts'
import { type Scope, scopeBindings, within } from './pages/scope.ts'

/** Which product instances: those that were ticked, or all that fit a filter, in one Local Virtual Account or wherever its person may. */
export type ChosenInstances =
  | { ids: string[] }
  | { filter: Pick<ProductInstanceFilter, 'states' | 'text' | 'silent'>; place: number | undefined }

/** Something that is done to many product instances. */
export type InstanceBatch = BatchCounts & {
  localAccountId: number
  id: number
  toPlace: number | null
  place: string
  userId: number
  username: string
  chosen: ChosenInstances
  askedAt: Date
  after: [name: string, id: string] | undefined
  state: 'running' | 'done' | 'stopped' | 'failed'
  failure: string | null
  endedAt: Date | null
}

type BatchKey = Pick<InstanceBatch, 'localAccountId' | 'id'>

const batch = `select b.local_account_id as "localAccountId", b.id, b.deed, b.to_place as "toPlace", coalesce(v.name, '') as place, b.user_id as "userId",
    u.username, b.chosen, b.asked_at as "askedAt", b.total, b.done, b.there_already as "thereAlready", b.after_name, b.after_id, b.state, b.failure,
    b.ended_at as "endedAt"
  from instance_batches b join users u on u.id = b.user_id
  left join local_virtual_accounts v on v.local_account_id = b.local_account_id and v.id = b.to_place`

const fromRow = ({ after_name: name, after_id: id, ...row }: Omit<InstanceBatch, 'after'> & { after_name: string; after_id: string }) =>
  ({ ...row, after: id === null ? undefined : [name, id] }) as InstanceBatch

/** Adds a batch that is to be done. Gives its number. */
export async function insertBatch(
  db: Db,
  wish: Pick<InstanceBatch, 'localAccountId' | 'deed' | 'toPlace' | 'userId' | 'chosen' | 'askedAt' | 'total'>,
): Promise<number> {
  const { rows } = await db.raw(
    `insert into instance_batches (local_account_id, deed, to_place, user_id, chosen, asked_at, total)
     values (:localAccountId, :deed, :toPlace, :userId, :chosen::jsonb, :askedAt, :total) returning id`,
    { ...wish, chosen: JSON.stringify(wish.chosen) },
  )
  return rows[0].id
}

/** One batch of an account. */
export async function findBatch(db: Db, { localAccountId, id }: BatchKey): Promise<InstanceBatch | undefined> {
  const { rows } = await db.raw(`${batch} where b.local_account_id = ? and b.id = ?`, [localAccountId, id])
  return rows[0] && fromRow(rows[0])
}

/** The same, locked, if it is running and nobody else is at it. */
export async function lockRunningBatch(tx: Db, { localAccountId, id }: BatchKey): Promise<InstanceBatch | undefined> {
  const { rows } = await tx.raw(
    `${batch} where b.local_account_id = ? and b.id = ? and b.state = 'running' for no key update of b skip locked`,
    [localAccountId, id],
  )
  return rows[0] && fromRow(rows[0])
}

/** The batches that are under way, or were when their server stopped. */
export const listRunningBatches = async (db: Db): Promise<BatchKey[]> =>
  (await db('instance_batches').where({ state: 'running' }).orderBy('id').select('local_account_id', 'id')).map(row => ({
    localAccountId: row.local_account_id,
    id: row.id,
  }))

/** Writes down how far a batch is. */
export async function advanceBatch(
  tx: Db,
  { localAccountId, id }: BatchKey,
  { after: [name, last], done, thereAlready }: { after: [string, string]; done: number; thereAlready: number },
): Promise<void> {
  await tx.raw(
    `update instance_batches set after_name = ?, after_id = ?, done = done + ?, there_already = there_already + ?
     where local_account_id = ? and id = ?`,
    [name, last, done, thereAlready, localAccountId, id],
  )
}

/** Ends a batch that runs; false when it has ended already. */
export async function endBatch(
  tx: Db,
  { localAccountId, id }: BatchKey,
  { state, failure = null, at }: { state: 'done' | 'stopped' | 'failed'; failure?: string | null; at: Date },
): Promise<boolean> {
  const ended = await tx('instance_batches')
    .where({ local_account_id: localAccountId, id, state: 'running' })
    .update({ state, failure, ended_at: at })
  return ended === 1
}

/** Forgets batches that ended long ago. */
export const deleteBatchesBefore = (db: Db, date: Date): Promise<void> =>
  db('instance_batches').where('ended_at', '<', date).delete().then()

/** The condition that an instance is among the chosen ones, and its bindings. */
function among(scope: Scope, chosen: ChosenInstances) {
  if ('ids' in chosen)
    return { condition: `${within(scope, 'i')} and i.id = any(:ids::uuid[])`, bindings: { ...scopeBindings(scope), ids: chosen.ids } }
  return matching(scope, { ...chosen.filter, descending: false })
}

/** The next instances of a batch, in the order of names; those that registered after it was asked for are not among them. */
export async function listNextInstances(
  tx: Db,
  scope: Scope,
  { chosen, askedAt, after }: Pick<InstanceBatch, 'chosen' | 'askedAt' | 'after'>,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const matches = among(scope, chosen)
  const { condition, order, bindings } = keyset(productInstanceSort, false, { size: limit - 1, after })
  const { rows } = await tx.raw(
    `select i.id, i.name from product_instances i where ${matches.condition} and i.registered_at <= :askedAt and ${condition}
     order by ${order} limit :limit`,
    { ...matches.bindings, ...bindings, askedAt },
  )
  return rows
}

/** So many are counted of those that a text or a silence chooses; more are "so many or more". */
export const mostCountedInstances = 50_000

/** How many of the chosen are in each Local Virtual Account, by name; and the first of them as examples. One query. */
export async function countChosenInstances(
  db: Db,
  scope: Scope,
  chosen: ChosenInstances,
): Promise<{ places: { id: number; name: string; instances: number }[]; examples: string[] }> {
  const matches = among(scope, chosen)
  const counters = !('ids' in chosen) && chosen.filter.text === '' && !chosen.filter.silent
  const states = !('ids' in chosen) && chosen.filter.states.length > 0 ? 'and n.state = any(:states::text[])' : ''
  const numbers = counters
    ? `select n.local_virtual_account_id as id, sum(n.instances)::bigint as instances from product_instance_counts n where ${within(scope, 'n')} ${states} group by 1`
    : `select i.local_virtual_account_id as id, count(*) as instances from (
         select i.local_virtual_account_id from product_instances i where ${matches.condition} limit ${mostCountedInstances}) i group by 1`
  const { rows } = await db.raw(
    `select (select coalesce(json_agg(json_build_object('id', v.id, 'name', v.name, 'instances', n.instances) order by v.is_default desc, v.name), '[]')
             from (${numbers}) n join local_virtual_accounts v on v.local_account_id = :account and v.id = n.id where n.instances > 0) as places,
            array(select i.name from product_instances i where ${matches.condition} order by i.name, i.id limit 5) as examples`,
    matches.bindings,
  )
  return rows[0]
}
