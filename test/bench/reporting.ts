import { createHash, randomBytes } from 'node:crypto'
import { mostReports } from '../../src/device/door.ts'
import { authorizeUsage } from '../../src/licensing/authorizeUsage.ts'
import type { UsageReport } from '../../src/licensing/usageReport.ts'
import type { Ground } from './ground.ts'
import { familySeconds } from './processorTime.ts'

const group = mostReports
/** One group is under way in each process of the door, and the next is made meanwhile: of two servers on one database. */
const lanes = 2
const seconds = 3
/** No more instances than this report: enough that none is met twice in a run. */
const most = 60_000

/** An instance that reports, and what it uses. */
export type Reporter = { localAccountId: number; id: string; serial: string; uses: { tag: string; quantity: number }[] }

/** Instances that use three licenses, taken from all accounts alike and in no order, as they come in from the field. */
export async function listReporters({ context, dataSet }: Ground): Promise<Reporter[]> {
  const withThree = dataSet.accounts.reduce((sum, { products }) => sum + products, 0) / 10
  const { rows } = await context.storage.db.raw(
    `select u.local_account_id as "localAccountId", u.product_instance_id as id,
            (select c.serial::text from certificates c
             where c.local_account_id = u.local_account_id and c.product_instance_id = u.product_instance_id limit 1) as serial,
            json_agg(json_build_object('tag', t.tag, 'quantity', u.quantity)) as uses
     from usage u join entitlement_tags t on t.id = u.tag_id
     where u.local_account_id = any(:accounts) and abs(hashtext(u.product_instance_id::text)) % :step = 0
     group by 1, 2 having count(*) = 3 order by hashtext(u.product_instance_id::text)`,
    { accounts: dataSet.accounts.map(({ id }) => id), step: Math.max(1, Math.ceil(withThree / most)) },
  )
  return rows
}

let version = 1

/** A report as a product sends it month after month: one in ten has changed since, a quantity by one. */
function reportOf({ localAccountId, id, serial, uses }: Reporter): UsageReport {
  version++
  if (Math.random() < 0.1) uses[0]!.quantity += uses[0]!.quantity % 2 === 0 ? -1 : 1
  return {
    localAccountId,
    productInstanceId: id,
    certificateSerial: serial,
    acknowledges: false,
    sender: Buffer.from(id.replaceAll('-', ''), 'hex'),
    nonce: randomBytes(8).toString('hex'),
    requestHash: createHash('sha256').update(id).digest(),
    entitlementVersion: version,
    entitlements: uses.map(({ tag, quantity }) => ({ tag, version: '1.0', count: quantity })),
    write: answer => JSON.stringify({ ...answer, header: { nonce: id } }),
  }
}

/** What reports cost: how many a second, and of each the microseconds of both processors and the bytes of the log. */
export type Reporting = { perSecond: number; processor: number; database: number; wal: number }

/** Reports for some seconds, in lanes and groups as the device door does, counters kept. */
export async function reportForSeconds(ground: Ground, reporters: Reporter[]): Promise<Reporting> {
  const { context, postmaster } = ground
  const from = { cpu: process.cpuUsage(), database: familySeconds(postmaster), wal: await walPosition(ground), at: performance.now() }
  let done = 0
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const mine = reporters.filter((_, index) => index % lanes === lane)
      for (let start = 0; performance.now() - from.at < seconds * 1000; start = (start + group) % (mine.length - group)) {
        const outcomes = await authorizeUsage(context, mine.slice(start, start + group).map(reportOf))
        done += outcomes.filter(outcome => 'text' in outcome).length
      }
    }),
  )
  const elapsed = (performance.now() - from.at) / 1000
  const cpu = process.cpuUsage(from.cpu)
  return {
    perSecond: done / elapsed,
    processor: (cpu.user + cpu.system) / done,
    database: ((familySeconds(postmaster) - from.database) * 1e6) / done,
    wal: ((await walPosition(ground)) - from.wal) / done,
  }
}

async function walPosition({ context }: Ground): Promise<number> {
  const { rows } = await context.storage.db.raw("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes")
  return Number(rows[0].bytes)
}
