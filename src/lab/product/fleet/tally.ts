import type { Outcome } from '../agent/outcome.ts'
import type { Kind } from './mix.ts'

export type Percentiles = { p50: number; p90: number; p95: number; p99: number; max: number; mean: number }
export type KindResult = {
  done: number
  busy: number
  refused: Record<string, number>
  failed: Record<string, number>
  /** Failures that were tried again. */
  retried: number
  seconds: number
  perSecond: number
  /** Milliseconds of those that were done; with a rate, from the moment at which each should have begun. */
  latency: Percentiles
}

/** Counts what became of the jobs of one kind. */
export type Tally = {
  count(outcome: Outcome, milliseconds: number): void
  countRetried(outcome: Outcome): void
  done(): number
  busy(): number
  unhappy(): number
  result(seconds: number): KindResult
}

export function openTally(): Tally {
  const times: number[] = []
  const refused: Record<string, number> = {}
  const failed: Record<string, number> = {}
  let busy = 0
  let retried = 0
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
  return {
    count(outcome, milliseconds) {
      if (outcome.result === 'done') times.push(milliseconds)
      else if (outcome.result === 'refused') refused[outcome.code] = (refused[outcome.code] ?? 0) + 1
      else if (outcome.result === 'failed') failed[outcome.code] = (failed[outcome.code] ?? 0) + 1
      else busy++
    },
    countRetried({ result }) {
      if (result === 'failed') retried++
      else busy++
    },
    done: () => times.length,
    busy: () => busy,
    unhappy: () => sum(refused) + sum(failed),
    result: seconds => ({
      done: times.length,
      busy,
      refused,
      failed,
      retried,
      seconds,
      perSecond: times.length / seconds,
      latency: percentiles(times),
    }),
  }
}

export type Tallies = Map<Kind, Tally>

/** Percentiles by nearest rank; zeroes where there is nothing to rank. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  const mean = sorted.length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return { p50: rank(0.5), p90: rank(0.9), p95: rank(0.95), p99: rank(0.99), max: rank(1), mean }
}
