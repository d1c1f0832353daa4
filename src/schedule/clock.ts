import type { Context } from '../context.ts'
import { minute } from '../rules/clock.ts'
import { claimAgendaEntry } from '../storage/agenda.ts'
import { type AgendaEntry, agenda } from './agenda.ts'

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

/** Ticks once a minute, and once at the start, never two at a time. `stop` waits for a tick under way. */
export function startSchedule(context: Context, every = minute): { stop(): Promise<void> } {
  let running: Promise<unknown> = tick(context)
  const timer = setInterval(() => {
    running = running.then(() => tick(context))
  }, every)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
