import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { Context } from '../../src/context.ts'
import { authorizeUsage } from '../../src/licensing/authorizeUsage.ts'
import { releaseUsage } from '../../src/licensing/releaseUsage.ts'
import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import { AnsweredMeanwhile, type UsageAnswer, type UsageReport } from '../../src/licensing/usageReport.ts'
import { mintIdentifier } from '../../src/rules/identifiers.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { insertOnlyCertificate, onlySerialOf } from '../support/certificateRows.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const now = new Date('2026-03-01T12:00:00Z')
const tagOf = (name: string) => `regid.2026-01.com.example.${name},1.0_00000000-0000-4000-8000-000000000001`
const [advantage, essentials] = [tagOf('ADVANTAGE'), tagOf('ESSENTIALS')]

describe('reports of usage', () => {
  let database: TestDatabase
  let context: Context
  let localAccountId: number
  let localVirtualAccountId: number
  let instances: string[]

  before(async () => {
    database = await createTestDatabase()
    context = { clock: { now: () => now }, storage: database.storage } as unknown as Context
  })
  after(() => database.drop())

  /** An account with 10 ADVANTAGE and 5 ESSENTIALS, the first of which may stand in for the second, and four instances. */
  async function furnish() {
    const db = database.storage.db
    const account = await db.raw(
      `insert into local_accounts (uuid, name, state, smart_account_name, virtual_account_name, requested_by, requested_at)
       values (gen_random_uuid(), gen_random_uuid()::text, 'registered', 'Example Corp', 'Laboratory', 'a test', ?) returning id`,
      [now],
    )
    localAccountId = account.rows[0].id
    const place = await db.raw(
      `insert into local_virtual_accounts (local_account_id, name, is_default, created_at) values (?, 'Default', true, ?) returning id`,
      [localAccountId, now],
    )
    localVirtualAccountId = place.rows[0].id
    await db.raw(`insert into entitlement_tags (tag, display_name) values (?, 'Advantage'), (?, 'Essentials') on conflict do nothing`, [
      advantage,
      essentials,
    ])
    await db.raw(
      `insert into entitlement_substitutions (tag_id, stands_in_for_tag_id, distance)
       select a.id, e.id, 1 from entitlement_tags a, entitlement_tags e where a.tag = ? and e.tag = ? on conflict do nothing`,
      [advantage, essentials],
    )
    await buy('lot-1', advantage, 10)
    await buy('lot-2', essentials, 5)
    await database.storage.transaction(tx => recountPurchased(tx, localAccountId, now))
    instances = await Promise.all([1, 2, 3, 4].map(register))
  }

  async function buy(license: string, tag: string, quantity: number) {
    await database.storage.db.raw(
      `with lot as (
         insert into entitlements (local_account_id, license_id, tag_id, license_type, quantity, starts_at, status)
         select :localAccountId::integer, :license::text, id, 'PERPETUAL', :quantity::bigint, :now::timestamptz, 'ACTIVE' from entitlement_tags where tag = :tag
         returning license_id)
       insert into entitlement_shares (local_account_id, license_id, local_virtual_account_id, quantity)
       select :localAccountId, license_id, :localVirtualAccountId, :quantity from lot`,
      { localAccountId, license, tag, quantity, now, localVirtualAccountId },
    )
  }

  async function register(number: number): Promise<string> {
    const id = mintIdentifier(localAccountId, now, randomBytes(7))
    await database.storage.db('product_instances').insert({
      local_account_id: localAccountId,
      id,
      local_virtual_account_id: localVirtualAccountId,
      state: 'REGISTERED',
      software_tag: tagOf('EX-R1000'),
      product_type: 'EX-R1000',
      udi_key: `pid:EX-R1000,sn:${number}`,
      devices: '[]',
      name: `edge-${number}`,
      export_controlled: false,
      registration_token_id: id,
      registered_at: now,
    })
    await database.storage
      .db('product_instance_contacts')
      .insert({ local_account_id: localAccountId, product_instance_id: id, last_contact_at: now })
    await insertOnlyCertificate(database.storage.db, { localAccountId, productInstanceId: id }, now)
    return id
  }

  const report = (productInstanceId: string, use: Record<string, number>, changes: Partial<UsageReport> = {}): UsageReport => ({
    localAccountId,
    productInstanceId,
    certificateSerial: onlySerialOf(productInstanceId),
    acknowledges: false,
    sender: Buffer.from(productInstanceId.replaceAll('-', ''), 'hex'),
    nonce: randomBytes(8).toString('hex'),
    requestHash: createHash('sha256').update(productInstanceId).digest(),
    entitlementVersion: 0,
    entitlements: Object.entries(use).map(([tag, count]) => ({ tag, version: '1.0', count })),
    write: answer => JSON.stringify(answer),
    ...changes,
  })
  const answers = async (...reports: UsageReport[]) =>
    (await authorizeUsage(context, reports)).map(outcome =>
      outcome instanceof Refusal ? outcome.code : (JSON.parse(outcome.text) as UsageAnswer),
    )
  const standing = async () =>
    Object.fromEntries((await listAuthorizations(database.storage.db, localAccountId, localVirtualAccountId)).map(row => [row.tag, row]))
  const count = async (table: string) =>
    Number((await database.storage.db(table).where({ local_account_id: localAccountId }).count())[0]!.count)

  beforeEach(furnish)

  it('count, and are answered in compliance while there is enough', async () => {
    const [answer] = await answers(report(instances[0]!, { [advantage]: 4 }))
    assert.ok(typeof answer === 'object')
    assert.equal(answer.overallStatus, 'AUTHORIZED')
    assert.deepEqual(
      answer.entitlements.map(({ requested, authorized, status }) => ({ requested, authorized, status })),
      [{ requested: 4, authorized: 4, status: 'IN_COMPLIANCE' }],
    )
    assert.equal((await standing())[advantage]?.inUse, 4)
  })

  it('make every instance using a short tag out of compliance, raise one alert, and clear it when enough is released', async () => {
    await answers(report(instances[0]!, { [advantage]: 8 }), report(instances[1]!, { [advantage]: 5 }))
    const [first] = await answers(report(instances[0]!, { [advantage]: 8 }))
    assert.ok(typeof first === 'object')
    assert.equal(first.overallStatus, 'OUT_OF_COMPLIANCE')
    assert.equal((await standing())[advantage]?.balance, -3)
    const open = () => database.storage.db('alerts').where({ local_account_id: localAccountId }).whereNull('cleared_at')
    assert.deepEqual(
      (await open()).map(alert => alert.message),
      ['3 more licenses are in use than purchased.'],
    )
    await answers(report(instances[1]!, { [advantage]: 6 }))
    assert.deepEqual(
      (await open()).map(alert => alert.message),
      ['4 more licenses are in use than purchased.'],
    )
    await answers(report(instances[1]!, {}))
    assert.deepEqual(await open(), [])
    const [again] = await answers(report(instances[0]!, { [advantage]: 8 }))
    assert.ok(typeof again === 'object' && again.overallStatus === 'AUTHORIZED')
  })

  it('let a higher tier stand in for a lower one, and keep who lends to whom', async () => {
    const [answer] = await answers(report(instances[0]!, { [essentials]: 7 }))
    assert.ok(typeof answer === 'object' && answer.overallStatus === 'AUTHORIZED')
    const rows = await standing()
    assert.equal(rows[essentials]?.borrowed, 2)
    assert.equal(rows[advantage]?.lent, 2)
    assert.equal(await count('substitutions'), 1)
    await answers(report(instances[0]!, { [essentials]: 5 }))
    assert.equal(await count('substitutions'), 0)
  })

  it('say INVALID_TAG for a tag that nobody knows, and count nothing for it', async () => {
    const [answer] = await answers(report(instances[0]!, { 'regid.nobody': 4, [advantage]: 1 }))
    assert.ok(typeof answer === 'object')
    assert.deepEqual(
      answer.entitlements.map(row => row.status),
      ['INVALID_TAG', 'IN_COMPLIANCE'],
    )
    assert.equal(await count('usage'), 1)
  })

  it('are refused when stale or from an instance that is gone, and the neighbours in the group are not disturbed', async () => {
    await answers(report(instances[0]!, { [advantage]: 1 }, { entitlementVersion: 5 }))
    const gone = mintIdentifier(localAccountId, now, randomBytes(7))
    const outcomes = await answers(
      report(instances[0]!, { [advantage]: 9 }, { entitlementVersion: 4 }),
      report(gone, { [advantage]: 9 }),
      report(instances[1]!, { [advantage]: 2 }),
    )
    assert.deepEqual(outcomes.slice(0, 2), ['STALE_USAGE', 'UNKNOWN_INSTANCE'])
    assert.equal((await standing())[advantage]?.inUse, 3)
  })

  it('act once when two copies come at the same moment', async () => {
    const twin = { nonce: 'the-same' }
    const outcomes = await Promise.allSettled([1, 2].map(() => answers(report(instances[0]!, { [advantage]: 2 }, twin))))
    assert.deepEqual(outcomes.map(outcome => outcome.status).sort(), ['fulfilled', 'rejected'])
    const rejected = outcomes.find(outcome => outcome.status === 'rejected')
    assert.ok(rejected?.reason instanceof AnsweredMeanwhile)
    assert.equal(await count('replies'), 1)
  })

  it('leave nothing behind when the group fails', async () => {
    const broken = report(instances[1]!, { [advantage]: 2 }, { write: () => assert.fail('a fault') })
    await assert.rejects(answers(report(instances[0]!, { [advantage]: 2 }), broken))
    assert.deepEqual([await count('usage'), await count('replies'), await count('events')], [0, 0, 0])
    assert.equal((await standing())[advantage]?.inUse, 0)
  })

  it('never deadlock, and always add up, however they meet', async () => {
    const use = fc.record({ [advantage]: fc.nat(6), [essentials]: fc.nat(6) })
    const acts = fc.array(fc.record({ group: fc.subarray([0, 1, 2, 3], { minLength: 1 }), use, release: fc.boolean() }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(acts, async script => {
        await Promise.all(
          script.map(({ group, use, release }) =>
            release
              ? database.storage.transaction(tx =>
                  releaseUsage(
                    tx,
                    group.map(index => ({ localAccountId, productInstanceId: instances[index]! })),
                    now,
                  ),
                )
              : answers(...group.map(index => report(instances[index]!, use))),
          ),
        )
        const sums = await database.storage.db.raw(
          `select t.tag, sum(u.quantity)::bigint as in_use, count(*) as instances from usage u join entitlement_tags t on t.id = u.tag_id
           where u.local_account_id = ? group by 1`,
          [localAccountId],
        )
        for (const row of Object.values(await standing())) {
          const sum = sums.rows.find((candidate: { tag: string }) => candidate.tag === row.tag)
          assert.deepEqual([row.inUse, row.instances], [sum?.in_use ?? 0, sum?.instances ?? 0])
          assert.equal(row.outOfComplianceSince !== null, row.balance < 0)
        }
      }),
      { numRuns: 25 },
    )
  })
})
