import { day, later } from './clock.ts'
import { type Entitlement, lotStanding } from './entitlements.ts'
import { contactStanding } from './lifetimes.ts'
import { counted, dayInWords, grouped, listed } from './words.ts'

/** What is known of a tag that is out of compliance in one Local Virtual Account. */
export type ShortageFacts = {
  displayName: string
  localVirtualAccount: { id: number; name: string; isDefault: boolean }
  purchased: number
  inUse: number
  reserved: number
  /** Below zero: what is missing after substitution. */
  balance: number
  instances: number
  since: Date | null
  /** Lots of the tag; `here` is the share of this Local Virtual Account. */
  lots: (Pick<Entitlement, 'licenseId' | 'quantity' | 'startsAt' | 'endsAt' | 'subscriptionId'> & { here: number })[]
  /** The largest users, the largest first; empty where there are too many to sort. */
  users: { id: string; name: string; quantity: number; registeredAt: Date; lastReportedAt: Date | null }[]
  /** What other tags cover already. */
  loans: { displayName: string; quantity: number }[]
  /** Surpluses of the tag, and of tags that may stand in for it, in other Local Virtual Accounts. */
  elsewhere: { localVirtualAccount: { id: number; name: string }; tagId: number; displayName: string; standsIn: boolean; surplus: number }[]
}

/** One part of the answer to *why*, as a sentence and as what it was made from. */
export type Reason =
  | { kind: 'never purchased' | 'none here'; sentence: string }
  | { kind: 'lot ended'; sentence: string; licenseId: string; quantity: number; endedAt: Date }
  | { kind: 'in use'; sentence: string; quantity: number; instances: number; largest: { id: string; name: string; quantity: number }[] }
  | { kind: 'reserved'; sentence: string; quantity: number }
  | { kind: 'covered in part'; sentence: string; quantity: number; lender: string }

/** Something that would mend it, wholly (`enough`) or in part. */
export type Mend =
  | {
      kind: 'transfer'
      sentence: string
      quantity: number
      enough: boolean
      tagId: number
      from: { id: number; name: string }
      to: { id: number; name: string }
    }
  | { kind: 'wait'; sentence: string; quantity: number; enough: boolean; until: Date }
  | { kind: 'renew'; sentence: string; quantity: number; enough: boolean; licenseIds: string[] }
  | { kind: 'purchase'; sentence: string; quantity: number; enough: boolean }
  | { kind: 'remove'; sentence: string; quantity: number; enough: boolean; productInstanceId: string }

/** Why a tag is out of compliance somewhere, and what would mend it. */
export type Explanation = {
  localVirtualAccount: { id: number; name: string }
  missing: number
  since: Date | null
  summary: string
  reasons: Reason[]
  mends: Mend[]
}

/**
 * "*Why* is a first-class answer: the page and the API tell for an out-of-compliance tag which lots ended, who uses how many, what was lent,
 * and which transfer or purchase would mend it." Takes facts and gives sentences with what they rest on.
 */
export function explainShortage(facts: ShortageFacts, now: Date): Explanation {
  const { id, name } = facts.localVirtualAccount
  const missing = Math.max(0, -facts.balance)
  const moves = transfers(facts, missing)
  const transferable = moves.reduce((sum, move) => sum + move.quantity, 0)
  return {
    localVirtualAccount: { id, name },
    missing,
    since: facts.since,
    summary: `${facts.displayName} is ${grouped(missing)} short in ${name}: ${grouped(facts.purchased)} purchased, ${grouped(facts.inUse)} in use.`,
    reasons: [...purchaseReasons(facts, now), ...usageReasons(facts), ...loanReasons(facts, missing)],
    mends: [
      ...moves,
      ...comingLots(facts, missing, now),
      ...renewals(facts, missing, now),
      purchase(facts, missing, transferable),
      ...removals(facts, missing, now),
    ],
  }
}

/** Lots that ended within the last year: older ones explain nothing that is new. */
const endedLots = (facts: ShortageFacts, now: Date) =>
  facts.lots.filter(lot => lotStanding(lot, now) === 'ended' && lot.here > 0 && lot.endsAt! > later(now, -365 * day))

function purchaseReasons(facts: ShortageFacts, now: Date): Reason[] {
  if (facts.lots.length === 0) return [{ kind: 'never purchased', sentence: `${facts.displayName} was never purchased for this account.` }]
  const ended = endedLots(facts, now).map(lot => ({
    kind: 'lot ended' as const,
    sentence: `${grouped(lot.here)} ended on ${dayInWords(lot.endsAt!)} (${lot.subscriptionId ? `subscription ${lot.subscriptionId}` : `lot ${lot.licenseId}`}).`,
    licenseId: lot.licenseId,
    quantity: lot.here,
    endedAt: lot.endsAt!,
  }))
  const nothingHere = facts.purchased === 0 && ended.length === 0
  return nothingHere
    ? [{ kind: 'none here', sentence: `None of the account's licenses was transferred to ${facts.localVirtualAccount.name}.` }]
    : ended
}

function usageReasons(facts: ShortageFacts): Reason[] {
  const largest = facts.users.map(({ id, name, quantity }) => ({ id, name, quantity }))
  const inUse = { kind: 'in use' as const, sentence: whoUses(facts), quantity: facts.inUse, instances: facts.instances, largest }
  if (facts.reserved === 0) return [inUse]
  return [inUse, { kind: 'reserved', sentence: `${grouped(facts.reserved)} are reserved and cannot be used.`, quantity: facts.reserved }]
}

/** Names the largest users, unless there is but one, or all use the same. */
function whoUses({ instances, inUse, users }: ShortageFacts): string {
  const named = users.map(user => `${user.name} uses ${grouped(user.quantity)}`)
  const all = counted(instances, 'product instance', 'product instances')
  if (instances === 1) return `${named[0] ?? `1 product instance uses ${grouped(inUse)}`}.`
  if (users[0] && users[0].quantity * instances === inUse) return `${all} use ${grouped(users[0].quantity)} each.`
  const among = instances > users.length ? 'the largest: ' : ''
  return `${all} use ${grouped(inUse)}${named.length > 0 ? `; ${among}${listed(named)}` : ''}.`
}

const loanReasons = (facts: ShortageFacts, missing: number): Reason[] =>
  facts.loans.map(loan => ({
    kind: 'covered in part',
    sentence: `${loan.displayName} stands in for ${grouped(loan.quantity)}; it has no more to spare here, so ${grouped(missing)} ${missing === 1 ? 'stays' : 'stay'} uncovered.`,
    quantity: loan.quantity,
    lender: loan.displayName,
  }))

/** As few transfers as it takes: of the tag itself before those that stand in for it, the largest surplus first. */
function transfers(facts: ShortageFacts, missing: number): Mend[] {
  const sources = facts.elsewhere.filter(source => source.surplus > 0)
  sources.sort(
    (a, b) => Number(a.standsIn) - Number(b.standsIn) || b.surplus - a.surplus || a.localVirtualAccount.id - b.localVirtualAccount.id,
  )
  const mends: Mend[] = []
  let left = missing
  for (const source of sources) {
    if (left === 0) break
    const quantity = Math.min(left, source.surplus)
    left -= quantity
    const what = source.standsIn ? `${grouped(quantity)} of ${source.displayName}, which may stand in,` : grouped(quantity)
    mends.push({
      kind: 'transfer',
      sentence: `Transfer ${what} from ${source.localVirtualAccount.name} to ${facts.localVirtualAccount.name}: ${grouped(source.surplus)} ${source.surplus === 1 ? 'is' : 'are'} free there.`,
      quantity,
      enough: quantity === missing,
      tagId: source.tagId,
      from: source.localVirtualAccount,
      to: { id: facts.localVirtualAccount.id, name: facts.localVirtualAccount.name },
    })
  }
  return mends
}

const comingLots = (facts: ShortageFacts, missing: number, now: Date): Mend[] =>
  facts.lots
    .filter(lot => lotStanding(lot, now) === 'pending' && lot.here > 0)
    .map(lot => ({
      kind: 'wait',
      sentence: `${grouped(lot.here)} more ${lot.here === 1 ? 'begins' : 'begin'} on ${dayInWords(lot.startsAt)}${lot.here >= missing ? ' and would cover it' : ''}.`,
      quantity: lot.here,
      enough: lot.here >= missing,
      until: lot.startsAt,
    }))

function renewals(facts: ShortageFacts, missing: number, now: Date): Mend[] {
  const ended = endedLots(facts, now)
  const quantity = ended.reduce((sum, lot) => sum + lot.here, 0)
  if (quantity === 0) return []
  const sentence = `Renew the ${grouped(quantity)} that ended.`
  return [{ kind: 'renew', sentence, quantity, enough: quantity >= missing, licenseIds: ended.map(lot => lot.licenseId) }]
}

/** "Synchronized entitlements land in the *Default* Local Virtual Account" */
function purchase(facts: ShortageFacts, missing: number, transferable: number): Mend {
  const { name, isDefault } = facts.localVirtualAccount
  const less = transferable > 0 && transferable < missing ? ` (${grouped(missing - transferable)} beside the transfers)` : ''
  const onward = isDefault ? '' : ` What is purchased arrives in Default: transfer it to ${name} then.`
  return {
    kind: 'purchase',
    sentence: `Purchase ${grouped(missing)} more${less}, and synchronize.${onward}`,
    quantity: missing,
    enough: true,
  }
}

/** "licenses still counted until removal": whoever is silent for so long may be gone. */
const removals = (facts: ShortageFacts, missing: number, now: Date): Mend[] =>
  facts.users
    .filter(user => contactStanding(user.lastReportedAt ?? undefined, user.registeredAt, now) !== 'in touch')
    .map(user => ({
      kind: 'remove',
      sentence: `Remove ${user.name} if it is gone: it was last heard of on ${dayInWords(user.lastReportedAt ?? user.registeredAt)} and still counts with ${grouped(user.quantity)}.`,
      quantity: user.quantity,
      enough: user.quantity >= missing,
      productInstanceId: user.id,
    }))
