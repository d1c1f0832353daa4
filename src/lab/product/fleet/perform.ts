import { setTimeout as after } from 'node:timers/promises'
import { type Agent, type AgentOptions, createAgent } from '../agent/agent.ts'
import { type Identity, identityOf } from '../agent/identity.ts'
import type { Outcome } from '../agent/outcome.ts'
import type { Use } from '../agent/state.ts'
import type { Job } from './jobs.ts'
import type { Roster } from './roster.ts'
import { type Seat, storeInSeat } from './seat.ts'

export type Doing = Pick<AgentOptions, 'url' | 'transport' | 'trust' | 'clock' | 'line'> & { pid: string; token: string; usage: Use[] }

/** Gives what does one job of the roster's products, with an agent made for it. */
export function performerOf(roster: Roster, { pid, token, usage: usual, ...options }: Doing): (job: Job) => Promise<Outcome> {
  const { pool, table } = roster
  return async ({ kind, seat }) => {
    const product = seat.kept?.product
    const identity = product ? identityOf(product) : identityIn(seat, roster, pid)
    const usage = product ? product.uses.map(([tag, count]) => ({ tag: roster.tags[tag]!, count })) : usual
    const agent = createAgent({ ...options, identity, state: storeInSeat(seat, pool, table, usage), makeKey: async () => pool.next() })
    if (kind === 'register') return register(agent, token, seat.kept !== null)
    return kind === 'renew' ? agent.renewIdCertificate() : agent.report(product ? usage : usage.map(varied))
  }
}

/** Who the product in a seat is, by the seat's number. */
const identityIn = ({ number }: Seat, { name }: Roster, pid: string): Identity =>
  identityOf({ pid, serialNumber: `FLT${name}-${number}`, hostname: `fleet-${name}-${number}`.toLowerCase() })

/** A count that differs from report to report, as far as the fleet may use more than one. */
const varied = ({ tag, count }: Use): Use => ({ tag, count: 1 + Math.floor(Math.random() * count) })

async function register(agent: Agent, token: string, force: boolean): Promise<Outcome> {
  const outcome = await agent.register({ token, force })
  return outcome.result === 'done' ? agent.acknowledge() : outcome
}

const mostAttempts = 10

/** Repeats a job that the server was too busy for, or that failed on the way, as a product does, only sooner. `count` sees each outcome, and whether it was the last. */
export async function persistently(
  job: () => Promise<Outcome>,
  signal: AbortSignal,
  count: (outcome: Outcome, isLast: boolean) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await job()
    const again = attempt < mostAttempts && !signal.aborted ? secondsUntilNext(outcome, attempt) : undefined
    count(outcome, again === undefined)
    if (again === undefined) return
    await after(again * 1000, undefined, { signal }).catch(() => undefined)
  }
}

function secondsUntilNext(outcome: Outcome, attempt: number): number | undefined {
  if (outcome.result === 'busy') return outcome.retryAfter
  if (outcome.result === 'waiting') return outcome.interval
  return outcome.result === 'failed' ? (outcome.retryAfter ?? Math.min(attempt, 5)) : undefined
}
