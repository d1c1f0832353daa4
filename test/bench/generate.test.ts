import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLine } from '../../src/lab/product/agent/http.ts'
import { trustIn } from '../../src/lab/product/agent/trust.ts'
import { performerOf } from '../../src/lab/product/fleet/perform.ts'
import { openRoster } from '../../src/lab/product/fleet/roster.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openOn } from '../support/deviceDoor.ts'
import { dumpSchema, pgDump } from '../support/dumpSchema.ts'
import { settle } from './generate/counters.ts'
import { licensingRootIn, rosterIn } from './generate/dataSet.ts'
import { generate } from './generate/generate.ts'

const products = [1200, 90]
const now = new Date('2026-03-01T00:00:00Z')

type Made = { database: TestDatabase; context: TestContext; folder: string; facts: Awaited<ReturnType<typeof generate>> }

async function make(): Promise<Made> {
  const database = await createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-generate-'))
  const context = testContext(database.storage, testClock(now))
  return { database, context, folder, facts: await generate(context, folder, products, () => {}) }
}

describe('a generated server', () => {
  let empty: TestDatabase
  let made: Made
  let again: Made
  before(async function () {
    this.timeout(60_000)
    empty = await createTestDatabase()
    made = await make()
    again = await make()
  })
  after(async () => {
    await empty.drop()
    for (const { database, folder } of [made, again]) {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  const ask = async (sql: string, { database }: Made = made) => (await database.storage.db.raw(sql)).rows

  it('has the products that were asked for, in instances that use one, two or three licenses', async () => {
    const accounts = made.facts.accounts.map(account => account.products)
    assert.deepEqual(accounts, products)
    for (const { id, products, instances } of made.facts.accounts) {
      const [{ used, there }] = await ask(
        `select (select count(*) from usage where local_account_id = ${id}) as used,
           (select count(*) from product_instances where local_account_id = ${id}) as there`,
      )
      assert.deepEqual({ used, there }, { used: products, there: instances })
    }
    const each = await ask('select count(*) as licenses from usage group by product_instance_id')
    assert.deepEqual([...new Set(each.map((row: { licenses: number }) => row.licenses))].sort(), [1, 2, 3])
  })

  it(`has the schema that the migrations made${pgDump ? '' : ' (skipped: there is no pg_dump here)'}`, function () {
    if (!pgDump) return this.skip()
    assert.equal(dumpSchema(made.database.connection), dumpSchema(empty.connection))
  })

  it('is the same each time, but for keys and what is signed with them', async () => {
    const tables = {
      product_instances: 'product_instances',
      product_instance_contacts: 'product_instance_contacts',
      usage: 'usage',
      authorizations: 'authorizations',
      entitlements: 'entitlements',
      entitlement_shares: 'entitlement_shares',
      registration_tokens: '(select id, description, uses, expires_at from registration_tokens) t',
      events: '(select local_account_id, at, kind, message, who, product_instance_id from events) t',
    }
    for (const [name, table] of Object.entries(tables)) {
      const sum = `select count(*) as rows, md5(string_agg(t::text, '' order by t::text)) as hash from ${table.endsWith(' t') ? table : `${table} t`}`
      assert.deepEqual(await ask(sum, again), await ask(sum), name)
    }
  })

  it('has counters that agree with its rows', async () => {
    const wrong = await ask(
      `select a.* from authorizations a full join (
         select i.local_account_id, i.local_virtual_account_id, u.tag_id, sum(u.quantity) as in_use, count(*) as instances
         from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id group by 1, 2, 3) s
         using (local_account_id, local_virtual_account_id, tag_id)
       where coalesce(a.in_use, 0) <> coalesce(s.in_use, 0) or coalesce(a.instances, 0) <> coalesce(s.instances, 0)`,
    )
    assert.deepEqual(wrong, [])
    const [{ counted, there }] = await ask(
      'select (select sum(instances) from product_instance_counts)::bigint as counted, (select count(*) from product_instances) as there',
    )
    assert.equal(counted, there)
  })

  it('is settled: some tags are short, each with its alert, and settling again changes nothing', async () => {
    const state = 'select * from authorizations order by 1, 2, 3'
    const before = await ask(state)
    for (const { id } of made.facts.accounts) await settle(made.context, id)
    assert.deepEqual(await ask(state), before)
    const [{ short, alerts, loans }] = await ask(
      `select (select count(*) from authorizations where out_of_compliance_since is not null) as short, (select count(*) from alerts) as alerts,
         (select count(*) from substitutions) as loans`,
    )
    assert.ok(short > 0 && loans > 0)
    assert.equal(alerts, short)
  })

  it('has products that speak: with a certificate of their own, and with a shared one', async () => {
    const root = readFileSync(licensingRootIn(made.folder), 'utf8')
    const count = Math.floor((products[0]! * 2) / 3)
    const roster = await openRoster(rosterIn(made.folder), { count, keys: 1, root })
    const { door, tlsRoot } = await openOn(made.context)
    try {
      const url = `https://localhost:${door.httpsPort}`
      const line = openLine({ tlsTrust: tlsRoot, keepAlive: true })
      const perform = performerOf(roster, {
        pid: '',
        token: '',
        usage: [],
        url,
        transport: 'smart',
        trust: trustIn(root),
        clock: made.context.clock,
        line,
      })
      for (const seat of [roster.seats[0]!, roster.seats[1]!, roster.seats.at(-1)!]) {
        const outcome = await perform({ kind: 'authorize', seat })
        assert.equal(outcome.result, 'done', JSON.stringify(outcome))
      }
      line.close()
    } finally {
      await door.close()
    }
    assert.deepEqual(await ask("select message from events where kind = 'usage changed' and at >= '2026-03-01'"), [])
  })
})
