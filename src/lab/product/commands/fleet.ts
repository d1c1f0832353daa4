import { writeFile } from 'node:fs/promises'
import { openLine } from '../agent/http.ts'
import { trustIn } from '../agent/trust.ts'
import { performerOf } from '../fleet/perform.ts'
import { type Conditions, resultLines, resultsOf } from '../fleet/results.ts'
import { openRoster, type Roster, saveRoster } from '../fleet/roster.ts'
import { type Measured, runFleet } from '../fleet/run.ts'
import { type Command, exitCodes, type Report } from './command.ts'
import { type FleetWish, fleetHelp, fleetOptions, fleetWish } from './fleetWish.ts'
import { untilInterrupted } from './interruption.ts'

export const fleet: Command = {
  words: 'fleet',
  usage: 'fleet --count N [--rate R] [--seconds S] [--mix register,authorize,renew]',
  summary: 'many products at once; prints rates and latencies at the end',
  details: fleetHelp,
  options: fleetOptions,
  async run({ values }) {
    const wish = fleetWish(values)
    const roster = await openRoster(wish.folder, { ...wish, root: wish.trust })
    const measured = await untilInterrupted(signal => runWith(wish, roster, signal))
    await saveRoster(wish.folder, roster)
    return report(wish, roster, measured)
  },
}

async function runWith(wish: FleetWish, roster: Roster, signal: AbortSignal): Promise<Measured> {
  const line = openLine(wish)
  const perform = performerOf(roster, { ...wish, trust: trustIn(wish.trust), line })
  const pace = { concurrency: wish.concurrency, rate: wish.rate, signal }
  const measured = await runFleet({ mix: wish.mix, seats: roster.seats, seconds: wish.seconds, pace, perform })
  line.close()
  return measured
}

/** Not done is not well done: a job that was refused, failed or given up makes the command fail. */
async function report(wish: FleetWish, roster: Roster, measured: Measured): Promise<Report> {
  const { count, transport, url, keepAlive, concurrency, rate = null, mixText: mix, resultFile } = wish
  const conditions: Conditions = { count, keys: roster.pool.pairs.length, transport, url, keepAlive, concurrency, rate, mix }
  const results = resultsOf(conditions, measured)
  if (resultFile) await writeFile(resultFile, `${JSON.stringify(results, null, 2)}\n`)
  const wentWell = Object.values(measured.kinds).every(({ refused, failed }) => Object.keys({ ...refused, ...failed }).length === 0)
  return { exitCode: wentWell ? exitCodes.done : exitCodes.refused, lines: resultLines(conditions, measured), data: results }
}
