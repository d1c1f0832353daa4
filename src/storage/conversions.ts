import type { ConversionLine, ConversionResult } from '../wire/messages/conversion.ts'
import type { Db } from './db.ts'

/** What names a conversion: the product instance, and the product's own name for it. */
export type ConversionKey = { localAccountId: number; productInstanceId: string; conversionId: string }

/** A device-led conversion, and what is known of its lines. */
export type Conversion = ConversionKey & {
  requestHash: Buffer
  pollId: number
  name: string
  requestedAt: Date
  finishedAt: Date | null
  resultsUntil: Date | null
  results: ConversionResult[]
}

/** A line as it is first kept: one that was converted before is decided already. */
export type NewLine = ConversionLine & { decided: Omit<ConversionResult, 'line'> | null }

const keyOf = ({ localAccountId, productInstanceId, conversionId }: ConversionKey) => ({
  local_account_id: localAccountId,
  product_instance_id: productInstanceId,
  conversion_id: conversionId,
})

/** Keeps a conversion that nobody has asked for yet; false when it is here already. */
export async function insertConversion(
  db: Db,
  conversion: Omit<Conversion, 'pollId' | 'resultsUntil' | 'finishedAt' | 'results'> & { lines: NewLine[] },
): Promise<boolean> {
  const { requestHash, name, requestedAt, lines } = conversion
  const inserted = await db('conversions')
    .insert({ ...keyOf(conversion), request_hash: requestHash, name, requested_at: requestedAt })
    .onConflict()
    .ignore()
    .returning('poll_id')
  if (inserted.length === 0) return false
  await db('conversion_lines').insert(
    lines.map(({ decided, ...line }) => ({ ...keyOf(conversion), ...line, ...(decided && decisionRow(decided, requestedAt)) })),
  )
  return true
}

const decisionRow = ({ status, tag, count, message }: Omit<ConversionResult, 'line'>, at: Date) => ({
  status,
  granted_tag: tag,
  granted_count: count,
  message,
  proof: null,
  decided_at: at,
})

const columns = `c.local_account_id as "localAccountId", c.product_instance_id as "productInstanceId", c.conversion_id as "conversionId",
  c.request_hash as "requestHash", c.poll_id as "pollId", c.name, c.requested_at as "requestedAt", c.finished_at as "finishedAt",
  c.results_until as "resultsUntil",
  (select json_agg(json_build_object('line', l.line, 'status', l.status, 'tag', l.granted_tag, 'count', l.granted_count, 'message', l.message)
                   order by l.line)
   from conversion_lines l where (l.local_account_id, l.product_instance_id, l.conversion_id) =
     (c.local_account_id, c.product_instance_id, c.conversion_id)) as results`

/** The conversion that a product instance asked for under that name. */
export async function findConversion(db: Db, key: ConversionKey): Promise<Conversion | undefined> {
  const result = await db.raw(
    `select ${columns} from conversions c
     where (c.local_account_id, c.product_instance_id, c.conversion_id) = (:localAccountId, :productInstanceId::uuid, :conversionId::uuid)`,
    key,
  )
  return result.rows[0]
}

/** The conversion that a product instance polls for, while its results are kept. Of another's number it finds nothing. */
export async function findPolledConversion(
  db: Db,
  key: { localAccountId: number; productInstanceId: string; pollId: number },
  now: Date,
): Promise<Conversion | undefined> {
  const result = await db.raw(
    `select ${columns} from conversions c
     where (c.local_account_id, c.product_instance_id, c.poll_id) = (:localAccountId, :productInstanceId::uuid, :pollId)
       and (c.results_until is null or c.results_until > :now)`,
    { ...key, now },
  )
  return result.rows[0]
}

/** How many conversions of an instance wait, or have results that it may still ask for; and how many lines they have. */
export async function countConversions(
  db: Db,
  { localAccountId, productInstanceId }: Omit<ConversionKey, 'conversionId'>,
  now: Date,
): Promise<{ conversions: number; lines: number }> {
  const result = await db.raw(
    `select count(distinct c.conversion_id) as conversions, count(*) as lines
     from conversions c join conversion_lines l using (local_account_id, product_instance_id, conversion_id)
     where c.local_account_id = ? and c.product_instance_id = ? and (c.results_until is null or c.results_until > ?)`,
    [localAccountId, productInstanceId, now],
  )
  return result.rows[0]
}

/** What these lines of an instance became, where they were converted before. */
export async function listConvertedLines(
  db: Db,
  { localAccountId, productInstanceId }: Omit<ConversionKey, 'conversionId'>,
  lines: number[],
): Promise<{ line: number; tag: string; count: number }[]> {
  const result = await db.raw(
    `select distinct on (l.line) l.line, l.granted_tag as tag, l.granted_count as count from conversion_lines l
     where l.local_account_id = ? and l.product_instance_id = ? and l.line = any(?::bigint[]) and l.status = 'CONVERTED'
     order by l.line, l.decided_at`,
    [localAccountId, productInstanceId, lines],
  )
  return result.rows
}

/** The results of a conversion that has ended are kept for a while longer. */
export async function keepResults(db: Db, key: ConversionKey, until: Date): Promise<void> {
  await db('conversions').where(keyOf(key)).whereNotNull('finished_at').update({ results_until: until })
}

/** Forgets the conversions that brought nothing and whose results are no longer kept; what was converted is remembered for ever. */
export async function deleteFruitlessConversions(db: Db, now: Date): Promise<number> {
  const result = await db.raw(
    `delete from conversions c where c.results_until <= ? and not exists (
       select 1 from conversion_lines l where l.status = 'CONVERTED' and (l.local_account_id, l.product_instance_id, l.conversion_id) =
         (c.local_account_id, c.product_instance_id, c.conversion_id))`,
    [now],
  )
  return result.rowCount ?? 0
}
