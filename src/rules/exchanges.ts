import { day, later } from './clock.ts'
import type { AccountRequest } from './registrations.ts'

/** An exchange with the cloud: "*standard* or *full*, by *network* or *manual*", or the registration of a Local Account. */
export type ExchangeKind = 'registration' | 'standard' | 'full'
export type ExchangeCarrier = 'network' | 'manual'

/**
 * `prepared` (written, still here) → `outstanding` (with a courier or on its way) → `applied`, `refused` (the cloud said no), `cancelled`
 * (another request took its place) or `failed` (it did not get there, or no answer came back).
 */
export type ExchangeState = 'prepared' | 'outstanding' | 'applied' | 'refused' | 'cancelled' | 'failed'

/** Why a synchronization is made (wire-cloud 7.3), as the cloud is told. */
export type ExchangeReason = 'SCHEDULED' | 'MANUAL' | 'CLOCK_SHIFT' | 'MISMATCH' | 'RESTORED' | 'AUTHORITY'

/** What is withheld in a request, as its `privacy` says. */
export type Withheld = { hostname: boolean; ip: boolean; mac: boolean }

/** What was in an exchange, in numbers, for people. */
export type ExchangeSummary = {
  /** What a registration asks for. The account itself stays as it is until the cloud has said yes. */
  asked?: Required<AccountRequest>
  withheld?: Withheld
  tags?: number
  products?: { added: number; changed: number; removed: number }
  entitlements?: { put: number; gone: number }
  /** So many product instances were removed because the cloud said so. */
  commands?: number
}

/** One exchange. Its two files, which may be large, are asked for apart. */
export type Synchronization = {
  localAccountId: number
  id: number
  kind: ExchangeKind
  carrier: ExchangeCarrier
  reason: string
  state: ExchangeState
  sequence: number
  requestId: string
  nonce: string
  requestHash: string
  requestedBy: string
  createdAt: Date
  finishedAt: Date | null
  code: string | null
  message: string | null
  summary: ExchangeSummary
}

/**
 * How far an exchange is, for whoever watches: so many product instances of the request are written, or bytes of it sent; the cloud is at work; its
 * answer is applied. `total` is null while nobody knows.
 */
export const exchangeSteps = ['writing', 'sending', 'waiting', 'applying'] as const
export type ExchangeProgress = { step: (typeof exchangeSteps)[number]; done: number; total: number | null }

/** "`created_at`, `not_after` | ms; default life 30 d" */
export const requestLife = 30 * day

/** Where an account stands in its chain of exchanges (7.4). */
export type Chain = { sequence: number; chainHash: string | null }

/** Why the next exchange must be full, and what the cloud gave for it. */
export type Resynchronization = { reason: ExchangeReason; lastSequence: number | null; token: string | null }

/** What the next request of an account says of its place in the chain. */
export type NextExchange = {
  kind: 'standard' | 'full'
  reason: ExchangeReason
  sequence: number
  baseSequence: number
  prevHash: string | null
  resyncToken: string | null
}

/**
 * The next request's place in the chain: the sequence after the last applied one with its hash, or, where the cloud asked for a full
 * synchronization with a token, "`sequence = given last_seq + 1`, `prev_hash` null". "Cancelling an outstanding request re-uses its
 * sequence number."
 */
export function nextExchange(
  chain: Chain,
  resynchronization: Resynchronization | undefined,
  wanted: { kind: 'standard' | 'full'; reason: ExchangeReason },
): NextExchange {
  const inStep = {
    ...wanted,
    sequence: chain.sequence + 1,
    baseSequence: chain.sequence,
    prevHash: chain.chainHash,
    resyncToken: null,
  }
  if (!resynchronization) return inStep
  const full = { ...inStep, kind: 'full' as const, reason: resynchronization.reason }
  const { lastSequence, token } = resynchronization
  if (token === null || lastSequence === null) return full
  return { ...full, sequence: lastSequence + 1, prevHash: null, resyncToken: token }
}

/** The reason that the full synchronization gives which the cloud asked for with `code`. */
export function reasonAfter(code: string | null): ExchangeReason {
  if (code === 'CLOCK_SHIFT' || code === 'MISMATCH') return code
  // "Restored backup: sequence is behind, hash never seen -> CHAIN_BROKEN -> full sync with `reason: RESTORED`"
  return code === 'CHAIN_BROKEN' ? 'RESTORED' : 'AUTHORITY'
}

/**
 * Whether a request without an answer is carried again as it is. The cloud may have taken it, and then gives "the stored response, byte for
 * byte (lost download)"; a new one in its place would cost a full synchronization. Not when it is a courier's, when it is older than the
 * clocks may differ (24 hours), or when it tells what has since been withheld: "A withheld value is never in any upward byte".
 */
export function isWorthCarryingAgain(
  exchange: Pick<Synchronization, 'state' | 'carrier' | 'code' | 'createdAt' | 'summary'>,
  withheld: Withheld,
  now: Date,
): boolean {
  const unanswered =
    exchange.state === 'prepared' ||
    exchange.state === 'outstanding' ||
    (exchange.state === 'failed' && (exchange.code === 'CLOUD_UNREACHABLE' || exchange.code === 'FAULT'))
  const fresh = exchange.createdAt <= now && now < later(exchange.createdAt, day)
  return exchange.carrier === 'network' && unanswered && fresh && !tellsTooMuch(exchange, withheld)
}

/** "A withheld value is never in any upward byte": whether a request that is written already tells what has been withheld since. */
export function tellsTooMuch({ summary }: Pick<Synchronization, 'summary'>, withheld: Withheld): boolean {
  const then = summary.withheld ?? withheld
  return (withheld.hostname && !then.hostname) || (withheld.ip && !then.ip) || (withheld.mac && !then.mac)
}

/**
 * When an account was synchronized: when the cloud answered, for its certificates and its year count from there, however long a courier took to
 * bring that. A cloud whose clock is wrong does not move it before the request or after the present.
 */
export function synchronizedAt({ createdAt }: Pick<Synchronization, 'createdAt'>, answeredAt: number, now: Date): Date {
  return new Date(Math.min(now.getTime(), Math.max(createdAt.getTime(), answeredAt)))
}

/** Whether a request waits for a courier who may still bring its answer. */
export const waitsForCourier = (exchange: Pick<Synchronization, 'carrier' | 'createdAt'>, now: Date): boolean =>
  exchange.carrier === 'manual' && now < later(exchange.createdAt, requestLife)
