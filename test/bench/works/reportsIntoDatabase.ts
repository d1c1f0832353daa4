import { createHash, randomBytes } from 'node:crypto'
import { authorizeUsage } from '../../../src/licensing/authorizeUsage.ts'
import type { UsageReport } from '../../../src/licensing/usageReport.ts'
import { mintIdentifier } from '../../../src/rules/identifiers.ts'
import { inPairs, ratios, spreadOf } from '../pairs.ts'
import type { Place } from '../place.ts'
import { familySeconds } from '../processorTime.ts'
import { run } from '../programs.ts'
import type { Work } from './work.ts'

const group = 64
const lanes = 4
const seconds = 3

/** AUTHORIZATION reports into the database, many in flight, counters kept, against pgbench's TPC-B-like transaction on the same PostgreSQL. */
export const reportsIntoDatabase: Work = {
  name: 'reports into the database',
  async measure(place, { pairs, size }) {
    const instances = await insertInstances(place, size)
    await pgbench(place, 'pgbench', '-i', '-q', '-s', '10')
    const before = await databaseFacts(place)
    const costs: { processor: number; database: number; wal: number }[] = []
    const { yardstick, work } = await inPairs(
      pairs,
      () => transactionsPerSecond(place),
      async () => {
        const measured = await reportsPerSecond(place, instances)
        costs.push(measured)
        return measured.perSecond
      },
    )
    const after = await databaseFacts(place)
    const hot = (after.hot - before.hot) / Math.max(1, after.updated - before.updated)
    const cost = (pick: (one: (typeof costs)[number]) => number) => Math.round(spreadOf(costs.map(pick)).median)
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
          'bytes of WAL a report': cost(one => one.wal),
          'HOT share of updates': hot.toFixed(3),
          instances: instances.length,
        },
      },
    ]
  },
}

async function insertInstances({ context, account }: Place, count: number): Promise<string[]> {
  const now = context.clock.now()
  const localAccountId = account.account.id
  const ids = Array.from({ length: count }, () => mintIdentifier(localAccountId, now, randomBytes(7)))
  await context.storage.db.raw(
    `insert into product_instances (local_account_id, id, local_virtual_account_id, state, software_tag, product_type, udi_key, devices, name,
       export_controlled, registration_token_id, registered_at)
     select :account::integer, k.id, :place::integer, 'REGISTERED', 'regid.bench', 'EX-R1000', 'bench:' || k.id, '[]', 'bench-' || k.id, false, k.id,
       :now::timestamptz
     from unnest(:ids::uuid[]) as k (id)`,
    { account: localAccountId, place: account.place.id, now, ids },
  )
  await context.storage.db.raw(
    `insert into product_instance_contacts (local_account_id, product_instance_id, last_contact_at)
     select :account::integer, k.id, :now::timestamptz from unnest(:ids::uuid[]) as k (id)`,
    { account: localAccountId, now, ids },
  )
  await context.storage.db.raw('vacuum analyze product_instances, product_instance_contacts')
  return ids
}

let version = 0

/** A report of three tags, as a product sends it month after month: one in ten has changed since. */
function reportOf({ account, tags }: Place, productInstanceId: string): UsageReport {
  const changed = Math.random() < 0.1
  return {
    localAccountId: account.account.id,
    productInstanceId,
    certificateSerial: '1',
    acknowledges: false,
    sender: Buffer.from(productInstanceId.replaceAll('-', ''), 'hex'),
    nonce: randomBytes(8).toString('hex'),
    requestHash: createHash('sha256').update(productInstanceId).digest(),
    entitlementVersion: version++,
    entitlements: tags.map((tag, index) => ({
      tag,
      version: '1.0',
      count: changed && index === 0 ? 1 + Math.floor(Math.random() * 3) : 1,
    })),
    write: answer => JSON.stringify({ ...answer, header: { nonce: productInstanceId } }),
  }
}

async function reportsPerSecond(place: Place, instances: string[]) {
  const from = { cpu: process.cpuUsage(), database: familySeconds(place.postmaster), wal: await walPosition(place), at: performance.now() }
  let done = 0
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const mine = instances.filter((_, index) => index % lanes === lane)
      for (let start = 0; performance.now() - from.at < seconds * 1000; start = (start + group) % (mine.length - group)) {
        const outcomes = await authorizeUsage(
          place.context,
          mine.slice(start, start + group).map(id => reportOf(place, id)),
        )
        done += outcomes.filter(outcome => 'text' in outcome).length
      }
    }),
  )
  const elapsed = (performance.now() - from.at) / 1000
  const cpu = process.cpuUsage(from.cpu)
  return {
    perSecond: done / elapsed,
    processor: (cpu.user + cpu.system) / done,
    database: ((familySeconds(place.postmaster) - from.database) * 1e6) / done,
    wal: ((await walPosition(place)) - from.wal) / done,
  }
}

async function walPosition({ context }: Place): Promise<number> {
  const { rows } = await context.storage.db.raw("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes")
  return Number(rows[0].bytes)
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

async function transactionsPerSecond(place: Place): Promise<number> {
  const said = await pgbench(place, 'pgbench', '-n', '-M', 'prepared', '-c', '16', '-j', '2', '-T', String(seconds))
  return Number(said.match(/tps = ([\d.]+)/)![1])
}
