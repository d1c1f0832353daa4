import { inPairs, ratios, spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import { childSeconds, familySeconds } from '../processorTime.ts'
import { run } from '../programs.ts'
import { listReporters, type Reporting, reportForSeconds } from '../reporting.ts'
import type { Work } from './work.ts'

const seconds = 3

/** AUTHORIZATION reports into the database, many in flight, counters kept, against pgbench's TPC-B-like transaction on the same PostgreSQL. */
export const reportsIntoDatabase: Work = {
  name: 'reports into the database',
  async measure(place, { pairs }) {
    const reporters = await listReporters(place)
    await pgbench(place, 'pgbench', '-i', '-q', '-s', '10')
    const before = await databaseFacts(place)
    const costs: Reporting[] = []
    const transactions: number[] = []
    const { yardstick, work } = await inPairs(
      pairs,
      async () => {
        const { perSecond, processor } = await transactionsOf(place)
        transactions.push(processor)
        return perSecond
      },
      async () => {
        const measured = await reportForSeconds(place, reporters)
        costs.push(measured)
        return measured.perSecond
      },
    )
    const after = await databaseFacts(place)
    const hot = (after.hot - before.hot) / Math.max(1, after.updated - before.updated)
    const cost = (pick: (one: Reporting) => number) => Math.round(spreadOf(costs.map(pick)).median)
    return [
      {
        name: this.name,
        unit: 'reports/s',
        work: spreadOf(work),
        yardstick: spreadOf(yardstick),
        ratio: ratios(work, yardstick),
        goal: '≥ 10 × pgbench',
        facts: {
          'µs of server CPU a report': cost(one => one.processor),
          'µs of database CPU a report': cost(one => one.database),
          // With both processors busy the rates say how these compare where nothing waits for the disk.
          'µs of CPU of a pgbench transaction': Math.round(spreadOf(transactions).median),
          'reports for its CPU': (spreadOf(transactions).median / cost(one => one.processor + one.database)).toFixed(2),
          'bytes of WAL a report': cost(one => one.wal),
          'HOT share of updates': hot.toFixed(3),
          'instances that report': reporters.length,
        },
      },
    ]
  },
}

async function databaseFacts({ context }: Place): Promise<{ updated: number; hot: number }> {
  const { rows } = await context.storage.db.raw(
    `select sum(n_tup_upd)::bigint as updated, sum(n_tup_hot_upd)::bigint as hot from pg_stat_user_tables
     where relname in ('product_instance_contacts', 'usage', 'authorizations')`,
  )
  return rows[0]
}

async function pgbench({ connection }: Place, ...words: string[]): Promise<string> {
  const [program = '', ...rest] = words
  try {
    const { stdout } = await run(program, [...rest, connection])
    return stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error("pgbench is not on this machine: install Debian's postgresql package, or leave this one out with --only.")
  }
}

/** Transactions a second, and of each the microseconds of processor of pgbench and the database. */
async function transactionsOf(place: Place): Promise<{ perSecond: number; processor: number }> {
  const spent = () => familySeconds(place.postmaster) + childSeconds()
  const before = spent()
  const said = await pgbench(place, 'pgbench', '-n', '-M', 'prepared', '-c', '16', '-j', '2', '-T', String(seconds))
  const count = Number(said.match(/actually processed: (\d+)/)![1])
  return { perSecond: Number(said.match(/tps = ([\d.]+)/)![1]), processor: ((spent() - before) * 1e6) / count }
}
