import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { minute, second } from '../rules/clock.ts'
import { claimAgendaEntry } from '../storage/agenda.ts'
import { type AgendaEntry, agenda } from './agenda.ts'
import { type Errand, errands } from './errands.ts'

/** What an errand under way gets to end when the server does. */
const patience = 5 * second

/** How often the errands that somebody waits for are run. */
const promptly = 5 * second

/**
 * One tick: does what is due and gives the names of what was done. Several servers may tick at once; each entry is done by one of them.
 * An entry that fails is logged, stays due, and does not keep the others.
 */
export async function tick(context: Context, entries: AgendaEntry[] = agenda): Promise<string[]> {
  const done: string[] = []
  for (const entry of entries) {
    try {
      if (await doIfDue(context, entry)) done.push(entry.name)
    } catch (error) {
      context.log.error({ err: error, entry: entry.name }, 'An entry of the agenda failed and stays due')
    }
  }
  return done
}

const doIfDue = (context: Context, entry: AgendaEntry): Promise<boolean> =>
  context.storage.transaction(async tx => {
    const now = context.clock.now()
    const since = await claimAgendaEntry(tx, entry.name, entry.every, now)
    if (!since) return false
    await entry.work(tx, { since, now }, context)
    return true
  })

/** Runs each errand once. One that fails is logged and does not keep the others. */
export async function runErrands(
  context: Context,
  { chosen = errands, ends }: { chosen?: Errand[]; ends?: AbortSignal } = {},
): Promise<void> {
  await Promise.all(chosen.map(errand => runErrand(context, errand, ends)))
}

const runErrand = (context: Context, errand: Errand, ends: AbortSignal | undefined): Promise<unknown> =>
  errand
    .run(context, { ...(ends && { ends }) })
    .catch(error => context.log.error({ err: error, errand: errand.name }, 'An errand failed and is run again in a minute'))

/**
 * Ticks once a minute, and once at the start, never two at a time; after each tick the errands are run, each unless it is still under way; those
 * that somebody waits for in between, too.
 * `stop` waits for a tick under way, and a while for errands: what ends with the server is taken up by the next.
 */
export function startSchedule(context: Context, every = minute): { stop(): Promise<void> } {
  const ends = new AbortController()
  const underWay = new Map<Errand, Promise<unknown>>()
  const set = (chosen: Errand[]) => {
    for (const errand of ends.signal.aborted ? [] : chosen) {
      if (underWay.has(errand)) continue
      const run = runErrand(context, errand, ends.signal).finally(() => underWay.delete(errand))
      underWay.set(errand, run)
    }
  }
  const turn = async () => {
    await tick(context)
    set(errands)
  }
  let running: Promise<unknown> = turn()
  const timer = setInterval(() => {
    running = running.then(turn)
  }, every)
  const hurried = setInterval(() => set(errands.filter(({ prompt }) => prompt)), promptly)
  return {
    async stop() {
      clearInterval(timer)
      clearInterval(hurried)
      ends.abort()
      await running
      await Promise.race([Promise.all(underWay.values()), pause(patience, undefined, { ref: false })])
    },
  }
}
