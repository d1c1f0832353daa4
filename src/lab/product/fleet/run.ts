import type { Outcome } from '../agent/outcome.ts'
import { drive, type Pace } from './drive.ts'
import { endlessly, type Job, phases, unprepared } from './jobs.ts'
import type { Kind, Mix } from './mix.ts'
import { persistently } from './perform.ts'
import { showProgress } from './progress.ts'
import type { Seat } from './seat.ts'
import { type KindResult, openTally, type Tallies, type Tally } from './tally.ts'

export type Plan = { mix: Mix; seats: readonly Seat[]; seconds: number | undefined; pace: Pace; perform: (job: Job) => Promise<Outcome> }
export type Measured = {
  prepared: number
  kinds: Partial<Record<Kind, KindResult>>
  seconds: number
  cpu: { user: number; system: number }
}

/**
 * Runs a fleet: registers who must be registered first, which is not measured, then either every product does every kind once, however often it
 * takes, or the mix goes on for so many seconds and nothing is tried twice.
 */
export async function runFleet(plan: Plan): Promise<Measured> {
  const prepared = await prepare(plan)
  const cpu = process.cpuUsage()
  const began = performance.now()
  const kinds = plan.seconds === undefined ? await inPhases(plan) : await forSeconds(plan, plan.seconds)
  const { user, system } = process.cpuUsage(cpu)
  return { prepared, kinds, seconds: (performance.now() - began) / 1000, cpu: { user: user / 1e6, system: system / 1e6 } }
}

async function prepare({ mix, seats, seconds, pace, perform }: Plan): Promise<number> {
  const jobs = unprepared(mix, seats, seconds !== undefined).map(seat => ({ kind: 'register' as const, seat }))
  const result = await phase('preparing', jobs, { ...pace, rate: undefined }, perform)
  return result.done
}

async function inPhases({ mix, seats, pace, perform }: Plan): Promise<Measured['kinds']> {
  const results: Measured['kinds'] = {}
  for (const jobs of phases(mix, seats)) {
    const kind = jobs[0]?.kind
    if (kind) results[kind] = await phase(kind, jobs, pace, perform)
  }
  return results
}

async function phase(label: string, jobs: Job[], pace: Pace, perform: Plan['perform']): Promise<KindResult> {
  const tally = openTally()
  const began = performance.now()
  const stop = showProgress(label, tally, () => (tally.done() + tally.unhappy()) / jobs.length)
  await drive(jobs, pace, (job, due) =>
    persistently(
      () => perform(job),
      pace.signal,
      (outcome, isLast) => (isLast ? tally.count(outcome, performance.now() - due) : tally.countRetried(outcome)),
    ),
  )
  stop()
  return tally.result((performance.now() - began) / 1000)
}

async function forSeconds({ mix, seats, pace, perform }: Plan, seconds: number): Promise<Measured['kinds']> {
  const tallies: Tallies = new Map(mix.map(({ kind }) => [kind, openTally()]))
  const began = performance.now()
  const passed = () => (performance.now() - began) / 1000
  const stop = showProgress(mix.map(({ kind }) => kind).join(', '), sumOf(tallies), () => passed() / seconds)
  const signal = AbortSignal.any([pace.signal, AbortSignal.timeout(seconds * 1000)])
  await drive(endlessly(mix, seats), { ...pace, signal }, async (job, due) =>
    tallies.get(job.kind)!.count(await perform(job), performance.now() - due),
  )
  stop()
  return Object.fromEntries([...tallies].map(([kind, tally]) => [kind, tally.result(passed())]))
}

/** The tallies of several kinds as one, for the progress line. */
function sumOf(tallies: Tallies): Tally {
  const sum = (of: (tally: Tally) => number) => () => [...tallies.values()].reduce((total, tally) => total + of(tally), 0)
  return { ...openTally(), done: sum(tally => tally.done()), busy: sum(tally => tally.busy()), unhappy: sum(tally => tally.unhappy()) }
}
