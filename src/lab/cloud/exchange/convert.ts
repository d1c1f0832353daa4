import type { ConversionClaim, ConversionDecision } from '../../../wire/exchange/conversions.ts'
import { findConversionRule } from '../store/conversionRules.ts'
import { findConverted, findVerdict, keepVerdict, type Verdict } from '../store/conversions.ts'
import type { Db } from '../store/database.ts'
import { buy, mostInLot, setQuantity } from '../store/purchases.ts'

type Grant = { tag: string; count: number }
type Deposits = Map<string, { lot: number; quantity: number }>

/**
 * Decides on the traditional licenses that products give up, and deposits what they become: one lot for each license that an exchange brings.
 * The deposits are among the entitlements of the same response. A line that was decided before is told the same, and nothing is deposited again.
 */
export function convert(db: Db, virtualAccountId: number, claims: ConversionClaim[], now: Date): ConversionDecision[] {
  const deposits: Deposits = new Map()
  return claims.map(claim => {
    const { conversion_id, product_instance_identifier, line } = claim
    const { lot: _, ...verdict } = findVerdict(db, { virtualAccountId, claim }) ?? decide()
    return { conversion_id, product_instance_identifier, line, ...verdict }

    function decide(): Verdict {
      const decided = verdictOn(db, virtualAccountId, claim, deposits)
      keepVerdict(db, virtualAccountId, claim, decided, now)
      return decided
    }
  })
}

function verdictOn(db: Db, virtualAccountId: number, claim: ConversionClaim, deposits: Deposits): Verdict {
  const former = findConverted(db, { virtualAccountId, claim })
  if (former) return { ...former, status: 'ALREADY_CONVERTED', message: 'This line was converted before.' }
  const grant = grantFor(db, claim)
  if (typeof grant === 'string') return { status: 'NOT_ELIGIBLE', tag: null, count: 0, message: grant, lot: null }
  return { status: 'CONVERTED', ...grant, message: null, lot: deposit(db, virtualAccountId, grant, deposits) }
}

/**
 * "A row (source, sku, feature) → (tag, factor); converted count = count × factor; a line with a tag of the catalog and no sku row is converted
 * one to one; anything else is `NOT_ELIGIBLE`", with a sentence.
 */
function grantFor(db: Db, { source, sku, feature, tag, count }: ConversionClaim): Grant | string {
  const rule = sku === null ? undefined : findConversionRule(db, source, sku, feature)
  const isKnown = tag !== null && db.one('select 1 from tags where tag = ?', tag) !== undefined
  const grant = rule ? { tag: rule.tag, count: count * rule.factor } : isKnown ? { tag, count } : undefined
  if (!grant) return 'The catalog has nothing that this license is converted into.'
  return grant.count <= mostInLot ? grant : 'This is more than one conversion may bring.'
}

/** Adds to the lot of this exchange, while it holds that much, or buys a new one. */
function deposit(db: Db, virtualAccountId: number, { tag, count }: Grant, deposits: Deposits): number {
  const open = deposits.get(tag)
  if (open && open.quantity + count <= mostInLot) {
    open.quantity += count
    setQuantity(db, virtualAccountId, open.lot, open.quantity)
    return open.lot
  }
  const lot = buy(db, {
    virtualAccountId,
    tag,
    quantity: count,
    licenseType: 'PERPETUAL',
    startDate: null,
    endDate: null,
    subscriptionId: null,
  })
  deposits.set(tag, { lot, quantity: count })
  return lot
}
