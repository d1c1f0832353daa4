import type { ExchangeCarrier, ExchangeKind, ExchangeState, ExchangeSummary, Synchronization } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Db } from './db.ts'

type Row = {
  local_account_id: number
  id: number
  kind: ExchangeKind
  carrier: ExchangeCarrier
  reason: string
  state: ExchangeState
  sequence: number
  request_id: string
  nonce: string
  request_hash: string
  requested_by: string
  created_at: Date
  finished_at: Date | null
  code: string | null
  message: string | null
  summary: ExchangeSummary
}

/** Everything but the two files, which may have many megabytes. */
const columns: (keyof Row)[] = [
  'local_account_id',
  'id',
  'kind',
  'carrier',
  'reason',
  'state',
  'sequence',
  'request_id',
  'nonce',
  'request_hash',
  'requested_by',
  'created_at',
  'finished_at',
  'code',
  'message',
  'summary',
]

const fromRow = (row: Row): Synchronization => ({
  localAccountId: row.local_account_id,
  id: row.id,
  kind: row.kind,
  carrier: row.carrier,
  reason: row.reason,
  state: row.state,
  sequence: row.sequence,
  requestId: row.request_id,
  nonce: row.nonce,
  requestHash: row.request_hash,
  requestedBy: row.requested_by,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  code: row.code,
  message: row.message,
  summary: row.summary,
})

type Key = Pick<Synchronization, 'localAccountId' | 'id'>
const keyOf = ({ localAccountId, id }: Key) => ({ local_account_id: localAccountId, id })

/** One exchange; a refusal when the account has no such. */
export async function getSynchronization(db: Db, key: Key): Promise<Synchronization> {
  const row = await db<Row>('synchronizations').where(keyOf(key)).first(columns)
  refuseUnless(row, 'NOT_FOUND', 'There is no such synchronization.')
  return fromRow(row)
}

/** The newest exchange of an account. */
export async function findLatestSynchronization(db: Db, localAccountId: number): Promise<Synchronization | undefined> {
  const row = await db<Row>('synchronizations').where({ local_account_id: localAccountId }).orderBy('id', 'desc').first(columns)
  return row && fromRow(row)
}

/** The exchanges of an account, the newest first, from `before` on. */
export async function listSynchronizations(
  db: Db,
  localAccountId: number,
  { before, limit }: { before?: number; limit: number },
): Promise<Synchronization[]> {
  const query = db<Row>('synchronizations').where({ local_account_id: localAccountId }).orderBy('id', 'desc').limit(limit).select(columns)
  return (await (before === undefined ? query : query.where('id', '<', before))).map(fromRow)
}

/** The exchanges by network without an answer of which nobody has said since `silentSince` that it carries them, or at a later time than now. */
export async function listUnansweredSynchronizations(db: Db, silentSince: Date): Promise<Synchronization[]> {
  const rows = await db<Row>('synchronizations')
    .where({ carrier: 'network' })
    .whereIn('state', ['prepared', 'outstanding'])
    .whereRaw('coalesce(carried_at, created_at) <= ?', [silentSince])
    .select(columns)
  return rows.map(fromRow)
}

/** Says that somebody carries an exchange. */
export async function markCarried(db: Db, key: Key, at: Date): Promise<void> {
  await db('synchronizations').where(keyOf(key)).update({ carried_at: at })
}

/** The exchange that a response answers, locked until the end of the transaction. */
export async function lockSynchronization(db: Db, localAccountId: number, requestId: string): Promise<Synchronization | undefined> {
  const row = await db<Row>('synchronizations')
    .where({ local_account_id: localAccountId, request_id: requestId })
    .forUpdate()
    .first(columns)
  return row && fromRow(row)
}

/** The newest exchange of an account that the cloud has answered. */
export async function findLatestAnswer(db: Db, localAccountId: number): Promise<Synchronization | undefined> {
  const row = await db<Row>('synchronizations')
    .where({ local_account_id: localAccountId })
    .whereNotNull('response')
    .orderBy('id', 'desc')
    .first(columns)
  return row && fromRow(row)
}

/** The exchange that waits for its answer; the database allows one an account. */
export async function findOutstandingSynchronization(db: Db, localAccountId: number): Promise<Synchronization | undefined> {
  const row = await db<Row>('synchronizations')
    .where({ local_account_id: localAccountId })
    .whereIn('state', ['prepared', 'outstanding'])
    .first(columns)
  return row && fromRow(row)
}

/** Writes a request before it leaves. */
export async function insertSynchronization(
  db: Db,
  exchange: Omit<Synchronization, 'id' | 'state' | 'finishedAt' | 'code' | 'message'> & { request: string },
): Promise<Synchronization> {
  const [row] = await db('synchronizations')
    .insert({
      local_account_id: exchange.localAccountId,
      kind: exchange.kind,
      carrier: exchange.carrier,
      reason: exchange.reason,
      state: 'prepared',
      sequence: exchange.sequence,
      request_id: exchange.requestId,
      nonce: exchange.nonce,
      request_hash: exchange.requestHash,
      request: exchange.request,
      requested_by: exchange.requestedBy,
      created_at: exchange.createdAt,
      summary: JSON.stringify(exchange.summary),
    })
    .returning(columns)
  return fromRow(row)
}

/** The request's file, or the response's; null while there is none. */
export async function getExchangeFile(db: Db, key: Key, file: 'request' | 'response'): Promise<string | null> {
  const row = await db('synchronizations').where(keyOf(key)).first(file)
  refuseUnless(row, 'NOT_FOUND', 'There is no such synchronization.')
  return row[file]
}

/** The request leaves, or leaves again. */
export async function markOutstanding(db: Db, key: Key, at: Date): Promise<void> {
  await db('synchronizations')
    .where(keyOf(key))
    .update({ state: 'outstanding', finished_at: null, code: null, message: null, carried_at: at })
}

/** Closes an exchange that nobody has closed yet, with what came of it. */
export async function finishSynchronization(
  db: Db,
  key: Key,
  end: { state: ExchangeState; code?: string | null; message?: string | null; response?: string; summary?: ExchangeSummary; at: Date },
): Promise<void> {
  await db('synchronizations')
    .where(keyOf(key))
    .whereIn('state', ['prepared', 'outstanding'])
    .update({
      state: end.state,
      code: end.code ?? null,
      message: end.message ?? null,
      finished_at: end.at,
      ...(end.response !== undefined && { response: end.response }),
      ...(end.summary && { summary: JSON.stringify(end.summary) }),
    })
}

/** "Creating a new request while one is outstanding cancels the old". */
export async function cancelOutstandingSynchronization(
  db: Db,
  localAccountId: number,
  now: Date,
  message = 'Another request has taken its place.',
): Promise<void> {
  await db('synchronizations')
    .where({ local_account_id: localAccountId })
    .whereIn('state', ['prepared', 'outstanding'])
    .update({ state: 'cancelled', finished_at: now, message })
}
