import type { ConversionClaim, ConversionDecision } from '../../../wire/exchange/conversions.ts'
import type { ConversionStatus } from '../../../wire/messages/conversion.ts'
import type { Db } from './database.ts'

/** What a line was granted: a status other than `PENDING_UPSTREAM`, and the lot that it went into. */
export type Verdict = Pick<ConversionDecision, 'status' | 'tag' | 'count' | 'message'> & { lot: number | null }

type Key = { virtualAccountId: number; claim: Pick<ConversionClaim, 'product_instance_identifier' | 'conversion_id' | 'line'> }

/** What was decided of this very line before: whoever asks again is told the same. */
export const findVerdict = (db: Db, { virtualAccountId, claim }: Key): Verdict | undefined =>
  db.one(
    `select status, tag, granted as count, message, lot from conversions
     where virtual_account_id = ? and instance_id = ? and conversion_id = ? and line = ?`,
    virtualAccountId,
    claim.product_instance_identifier,
    claim.conversion_id,
    claim.line,
  )

/** What the same line of the same instance became in another conversion. */
export const findConverted = (db: Db, { virtualAccountId, claim }: Key): Verdict | undefined =>
  db.one(
    `select status, tag, granted as count, message, lot from conversions
     where virtual_account_id = ? and instance_id = ? and line = ? and status = 'CONVERTED'`,
    virtualAccountId,
    claim.product_instance_identifier,
    claim.line,
  )

/** Keeps what was decided. */
export function keepVerdict(
  db: Db,
  virtualAccountId: number,
  claim: ConversionClaim,
  { status, tag, count, message, lot }: Verdict,
  now: Date,
): void {
  const asked = [claim.product_instance_identifier, claim.conversion_id, claim.line, claim.source, claim.sku, claim.feature, claim.count]
  db.run(
    `insert into conversions (virtual_account_id, instance_id, conversion_id, line, source, sku, feature, count, status, tag, granted, message, lot,
       decided_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    virtualAccountId,
    ...asked,
    status,
    tag,
    count,
    message,
    lot,
    now.getTime(),
  )
}

/** A decided line as a list shows it. */
export type ConversionLine = {
  id: number
  smartAccount: string
  virtualAccount: string
  virtualAccountId: number
  instanceId: string
  conversionId: string
  line: number
  source: string
  sku: string | null
  feature: string | null
  count: number
  status: ConversionStatus
  license: string | null
  granted: number
  message: string | null
  lot: number | null
  decidedAt: number
}

/** The lines that were decided, the newest first, before the one of that number. */
export const listConversions = (db: Db, { before, limit }: { before: number; limit: number }): ConversionLine[] =>
  db.all(
    `select c.id, a.name as smartAccount, v.name as virtualAccount, v.id as virtualAccountId, c.instance_id as instanceId,
            c.conversion_id as conversionId, c.line, c.source, c.sku, c.feature, c.count, c.status, coalesce(t.display_name, c.tag) as license,
            c.granted, c.message, c.lot, c.decided_at as decidedAt
     from conversions c join virtual_accounts v on v.id = c.virtual_account_id join smart_accounts a on a.id = v.smart_account_id
     left join tags t using (tag) where c.id < ? order by c.id desc limit ?`,
    before,
    limit,
  )
