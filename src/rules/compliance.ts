/** What one tag has and needs in one Local Virtual Account. `tag` orders what would otherwise be a tie. */
export type Holding = { tagId: number; tag: string; purchased: number; inUse: number; reserved: number }

/** "The catalog says which tag may stand in for which (a higher tier for a lower)"; `distance` counts the tiers between them. */
export type SubstitutionRule = { tagId: number; standsInForTagId: number; distance: number }

export type Loan = { lenderTagId: number; borrowerTagId: number; quantity: number }
export type Settlement = { tagId: number; borrowed: number; lent: number; balance: number; standing: 'in compliance' | 'out of compliance' }

/**
 * Settles the tags of one Local Virtual Account against each other.
 * "A shortage is covered from the surplus of the tags that may stand in, within the same Local Virtual Account, nearest tier first; what is
 * lent is shown on both rows. Deterministic". A shortage that is left makes the tag out of compliance. Settlements come in the order of the
 * holdings.
 */
export function settle(holdings: Holding[], rules: SubstitutionRule[]): { settlements: Settlement[]; loans: Loan[] } {
  const byId = new Map(
    holdings.map(holding => [
      holding.tagId,
      { ...holding, borrowed: 0, lent: 0, balance: holding.purchased - holding.inUse - holding.reserved },
    ]),
  )
  const loans: Loan[] = []
  for (const { lender, borrower } of possibleLoans([...byId.values()], rules)) {
    const quantity = Math.min(-borrower.balance, lender.balance)
    if (quantity <= 0) continue
    borrower.borrowed += quantity
    borrower.balance += quantity
    lender.lent += quantity
    lender.balance -= quantity
    loans.push({ lenderTagId: lender.tagId, borrowerTagId: borrower.tagId, quantity })
  }
  const settlements = [...byId.values()].map(({ tagId, borrowed, lent, balance }) => ({
    tagId,
    borrowed,
    lent,
    balance,
    standing: balance < 0 ? ('out of compliance' as const) : ('in compliance' as const),
  }))
  return { settlements, loans }
}

/**
 * The tags that settle together with these: what may lend to them, what they may lend to, and so on. What is outside of the circle keeps its
 * settlement whatever happens inside, so a report costs what its own tags cost, and not what the account holds.
 */
export function circleOf(tagIds: Iterable<number>, rules: SubstitutionRule[]): Set<number> {
  const circle = new Set(tagIds)
  const joins = (rule: SubstitutionRule) => circle.has(rule.tagId) !== circle.has(rule.standsInForTagId)
  for (let joining = rules.filter(joins); joining.length > 0; joining = rules.filter(joins)) {
    for (const rule of joining) circle.add(rule.tagId).add(rule.standsInForTagId)
  }
  return circle
}

/** Pairs that the catalog allows, the nearest tiers first; names break ties, so that the same facts give the same loans everywhere. */
function possibleLoans<Row extends Holding>(rows: Row[], rules: SubstitutionRule[]) {
  const byId = new Map(rows.map(row => [row.tagId, row]))
  return rules
    .flatMap(rule => {
      const lender = byId.get(rule.tagId)
      const borrower = byId.get(rule.standsInForTagId)
      return lender && borrower && lender !== borrower ? [{ lender, borrower, distance: rule.distance }] : []
    })
    .sort((a, b) => a.distance - b.distance || compare(a.borrower.tag, b.borrower.tag) || compare(a.lender.tag, b.lender.tag))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** What an instance is told about one tag that it uses. */
export type EntitlementAnswer = {
  requested: number
  authorized: number
  outOfCompliance: number
  insufficient: number
  status: 'IN_COMPLIANCE' | 'OUT_OF_COMPLIANCE' | 'INVALID_TAG'
}

/**
 * "A shortage that substitution cannot cover makes **every** instance using that tag there out of compliance. A server reports, it never
 * enforces." `balance` is the tag's in the Local Virtual Account, undefined for a tag that the catalog does not know.
 * Insufficient is this instance's part of the shortage: never more than it asked for, never more than is missing.
 */
export function entitlementAnswer(requested: number, balance: number | undefined): EntitlementAnswer {
  if (balance === undefined) return { requested, authorized: 0, outOfCompliance: 0, insufficient: 0, status: 'INVALID_TAG' }
  if (balance >= 0 || requested === 0)
    return { requested, authorized: requested, outOfCompliance: 0, insufficient: 0, status: 'IN_COMPLIANCE' }
  const insufficient = Math.min(requested, -balance)
  return { requested, authorized: requested - insufficient, outOfCompliance: requested, insufficient, status: 'OUT_OF_COMPLIANCE' }
}

/** `overall_status` of an AUTHORIZATION reply: a tag that nobody knows makes nobody out of compliance. */
export function overallStatus(answers: EntitlementAnswer[]): 'AUTHORIZED' | 'OUT_OF_COMPLIANCE' | 'NO_LICENSES_IN_USE' {
  const used = answers.filter(answer => answer.requested > 0 && answer.status !== 'INVALID_TAG')
  if (used.some(answer => answer.status === 'OUT_OF_COMPLIANCE')) return 'OUT_OF_COMPLIANCE'
  return used.length > 0 ? 'AUTHORIZED' : 'NO_LICENSES_IN_USE'
}
