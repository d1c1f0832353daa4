import type { ConversionClaim, ConversionDecision } from '../wire/exchange/conversions.ts'
import type { ConversionKey } from './conversions.ts'
import type { Db } from './db.ts'

/**
 * The lines of an account that the cloud has not decided, the oldest conversion first, as the cloud is told of them: as many as fit into
 * `lines` and into `bytes` of their longest member, and at least one.
 */
export async function listConversionClaims(
  db: Db,
  localAccountId: number,
  most: { lines: number; bytes: number },
): Promise<ConversionClaim[]> {
  const result = await db.raw(
    `select l.conversion_id, l.product_instance_id as product_instance_identifier, l.line, l.source, l.sku, l.feature, l.count, l.tag, l.serial, l.proof
     from (select o.*, row_number() over entered as place, sum(o.size) over entered as bytes
           from (select l.product_instance_id, l.conversion_id, l.line, c.poll_id, coalesce(octet_length(l.proof), 0) as size
                 from conversions c join conversion_lines l using (local_account_id, product_instance_id, conversion_id)
                 where c.local_account_id = :account and c.finished_at is null and l.status = 'PENDING_UPSTREAM'
                 order by c.poll_id, l.line limit :lines) o
           window entered as (order by o.poll_id, o.line)) w
     join conversion_lines l using (product_instance_id, conversion_id, line)
     where l.local_account_id = :account and (w.place = 1 or w.bytes <= :bytes)
     order by w.place`,
    { account: localAccountId, ...most },
  )
  return result.rows
}

/** Whether a product of the account waits for the cloud's word. */
export async function hasConversionClaims(db: Db, localAccountId: number): Promise<boolean> {
  const result = await db.raw(
    'select exists (select 1 from conversions c where c.local_account_id = ? and c.finished_at is null) as waits',
    [localAccountId],
  )
  return result.rows[0].waits
}

/** Writes what the cloud decided of the lines that wait; what was decided before, or asked for by nobody, stays as it is. */
export async function decideConversionLines(db: Db, localAccountId: number, decisions: ConversionDecision[], at: Date): Promise<void> {
  await db.raw(
    `update conversion_lines l set status = d.status, granted_tag = d.tag, granted_count = d.count, message = d.message, proof = null, decided_at = :at
     from jsonb_to_recordset(:decisions::jsonb) as d (
       product_instance_identifier uuid, conversion_id uuid, line bigint, status text, tag text, count bigint, message text)
     where l.local_account_id = :account and l.product_instance_id = d.product_instance_identifier and l.conversion_id = d.conversion_id
       and l.line = d.line and l.status = 'PENDING_UPSTREAM' and d.status <> 'PENDING_UPSTREAM'`,
    { account: localAccountId, decisions: JSON.stringify(decisions), at },
  )
}

/** A conversion that came to its end, in numbers of lines. */
export type FinishedConversion = ConversionKey & {
  name: string
  /** Where the product stands; null when it is gone. */
  localVirtualAccountId: number | null
  converted: number
  alreadyConverted: number
  notEligible: number
}

/** Ends the conversions that have no line left to decide; their results are kept until then. */
export async function finishConversions(db: Db, localAccountId: number, times: { at: Date; until: Date }): Promise<FinishedConversion[]> {
  const result = await db.raw(
    `with finished as (
       update conversions c set finished_at = :at, results_until = :until
       where c.local_account_id = :account and c.finished_at is null and not exists (
         select 1 from conversion_lines l where l.status = 'PENDING_UPSTREAM' and (l.local_account_id, l.product_instance_id, l.conversion_id) =
           (c.local_account_id, c.product_instance_id, c.conversion_id))
       returning c.*)
     select f.local_account_id as "localAccountId", f.product_instance_id as "productInstanceId", f.conversion_id as "conversionId", f.name,
            i.local_virtual_account_id as "localVirtualAccountId",
            count(*) filter (where l.status = 'CONVERTED') as converted,
            count(*) filter (where l.status = 'ALREADY_CONVERTED') as "alreadyConverted",
            count(*) filter (where l.status = 'NOT_ELIGIBLE') as "notEligible"
     from finished f
     join conversion_lines l using (local_account_id, product_instance_id, conversion_id)
     left join product_instances i on i.local_account_id = f.local_account_id and i.id = f.product_instance_id
     group by f.local_account_id, f.product_instance_id, f.conversion_id, f.name, f.poll_id, i.local_virtual_account_id
     order by f.poll_id`,
    { account: localAccountId, ...times },
  )
  return result.rows
}
