import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type Faults, putFaults } from '../../src/lab/cloud/faults.ts'
import { listConversions } from '../../src/lab/cloud/store/conversions.ts'
import { type Agent, createAgent } from '../../src/lab/product/agent/agent.ts'
import { identityOf } from '../../src/lab/product/agent/identity.ts'
import type { TraditionalLicense } from '../../src/lab/product/agent/state.ts'
import { storeInMemory } from '../../src/lab/product/agent/store.ts'
import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { hour, later, minute } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { findSchedule } from '../../src/storage/synchronizationSchedules.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { scheduleSynchronization } from '../../src/synchronization/scheduleSynchronization.ts'
import { synchronizeDueAccounts } from '../../src/synchronization/synchronizeDueAccounts.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { openOn } from '../support/deviceDoor.ts'
import { type Branch, courier, openBranch, openUpstream, type Shop, type Upstream } from '../support/upstream.ts'

describe('converting traditional licenses, from the product to the cloud and back', () => {
  let upstream: Upstream
  let branch: Branch
  let port: number
  let closeDoor: () => Promise<void>
  let account: LocalAccount
  let agent: Agent
  let shop: Shop
  let count = 0

  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
  })
  after(async () => {
    await closeDoor?.()
    await branch?.close()
    await upstream?.close()
  })
  beforeEach(async () => {
    const name = `Converting ${++count}`
    account = await branch.register(name)
    if (!closeDoor) {
      const { door } = await openOn(branch.context)
      port = door.httpPort!
      closeDoor = () => door.close()
    }
    shop = upstream.shop(name)
    agent = await newProduct()
  })
  afterEach(() => set({ loseAnswer: 0, askForFull: 0, refuse: 0 }))

  const db = () => branch.context.storage.db
  const set = (faults: Partial<Faults>) => upstream.database.write(cloud => putFaults(cloud, faults))
  const synchronize = (type: 'standard' | 'full' = 'standard') => synchronizeLocalAccount(branch.context, administrator, account.id, type)
  const lastUpward = () => JSON.parse(upstream.upward().at(-1)!)
  const decided = () => listConversions(upstream.database.read, { before: 1e9, limit: 1000 })
  const standing = async (tag: string) => {
    const place = await findDefaultLocalVirtualAccount(db(), account.id)
    return (await listAuthorizations(db(), account.id, place!.id)).find(row => row.tag === tag)
  }

  async function newProduct(): Promise<Agent> {
    const place = await findDefaultLocalVirtualAccount(db(), account.id)
    const { secret } = await createRegistrationToken(branch.context, administrator, {
      ...{ localAccountId: account.id, localVirtualAccountId: place!.id, description: '', days: 30 },
      ...{ maximumUses: null, exportControlled: false },
    })
    const product = createAgent({
      state: storeInMemory(),
      url: `http://127.0.0.1:${port}`,
      trust: readFileSync(upstream.ready.licensingRoot, 'utf8'),
      identity: identityOf({ pid: 'EX-R1000', serialNumber: randomUUID().slice(0, 8), hostname: 'edge' }),
      clock: upstream.clock,
    })
    assert.equal((await product.register({ token: secret })).result, 'done')
    assert.equal((await product.acknowledge()).result, 'done')
    return product
  }

  const license = (given: Partial<TraditionalLicense>): TraditionalLicense => ({
    ...{ source: 'PAK', sku: null, feature: null, tag: null, count: 1 },
    ...given,
  })
  const bySku = (sku: string, count: number, given: Partial<TraditionalLicense> = {}) => license({ sku, count, ...given })
  const tens = (count: number) => bySku('EX-THR-10G', count)
  const statuses = async () => (await agent.status()).conversion.lines.map(({ status, granted }) => [status, granted])

  it('brings a product what its licenses have become, and settles what was short by them', async () => {
    const { throughput, security, advantage } = upstream.ready.tags
    await agent.report([{ tag: throughput, count: 15 }])
    assert.equal((await agent.status()).authorization.status, 'OUT OF COMPLIANCE')
    const wishes = [
      tens(2),
      bySku('EX-SUITE', 3, { feature: 'security' }),
      bySku('EX-SUITE', 3, { feature: 'sorcery' }),
      license({ source: 'CLASSIC', tag: advantage, count: 4 }),
      license({ source: 'CLASSIC', tag: `${advantage.slice(0, -1)}f`, count: 4 }),
      bySku('EX-THR-10G', 1, { source: 'RTU' }),
    ]
    assert.equal((await agent.convert(wishes)).result, 'waiting')
    assert.equal((await agent.poll()).result, 'waiting')
    assert.deepEqual(await statuses(), Array(6).fill(['PENDING_UPSTREAM', 0]))

    await synchronize()
    const { conversions } = lastUpward()
    assert.equal(conversions.length, 6)
    assert.deepEqual(Object.keys(conversions[0]).sort(), [
      ...['conversion_id', 'count', 'feature', 'line', 'product_instance_identifier', 'proof', 'serial', 'sku', 'source', 'tag'],
    ])
    const outcome = await agent.poll()
    assert.equal(outcome.result, 'done')
    assert.deepEqual(await statuses(), [
      ['CONVERTED', 20],
      ['CONVERTED', 3],
      ['NOT_ELIGIBLE', 0],
      ['CONVERTED', 4],
      ['NOT_ELIGIBLE', 0],
      ['NOT_ELIGIBLE', 0],
    ])
    assert.deepEqual(
      shop.lots().map(({ tag, quantity }) => [tag, quantity]),
      [
        [throughput, 20],
        [security, 3],
        [advantage, 4],
      ],
    )
    const { purchased, balance, outOfComplianceSince } = (await standing(throughput))!
    assert.deepEqual({ purchased, balance, outOfComplianceSince }, { purchased: 20, balance: 5, outOfComplianceSince: null })
    await agent.renewAuthorization()
    assert.equal((await agent.status()).authorization.status, 'AUTHORIZED')
    await synchronize()
    assert.deepEqual(lastUpward().conversions, [], 'what is answered is not asked again')
  })

  it('goes by a courier as well, and the file that comes twice brings nothing twice', async () => {
    await agent.convert([tens(1)])
    const request = await prepareSynchronization(branch.context, administrator, {
      ...{ localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' },
    })
    const { request: file } = await db()('synchronizations').where({ id: request.id }).first()
    const response = await courier(upstream, file)
    assert.equal(await courier(upstream, file), response, 'the cloud answers as it did before')
    const upload = () => applySynchronization(branch.context, administrator, { localAccountId: account.id, file: response })
    await upload()
    await assert.rejects(upload(), { code: 'FILE_SAME' })
    assert.equal((await agent.poll()).result, 'done')
    assert.deepEqual(
      shop.lots().map(lot => lot.quantity),
      [10],
    )
  })

  it('converts once although answers are lost, requests are cancelled and everything is told anew', async () => {
    const { throughput } = upstream.ready.tags
    await agent.convert([tens(1)])
    await set({ loseAnswer: 1 })
    await synchronize().catch((error: unknown) => assert.ok(error instanceof Refusal))
    assert.equal((await agent.poll()).result, 'waiting', 'only what has come back counts')
    // The cloud has taken it; a courier's request takes the place of the one whose answer was lost, so the chain is broken.
    await prepareSynchronization(branch.context, administrator, {
      ...{ localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' },
    })
    await synchronize()
    assert.equal(lastUpward().sync_type, 'full')
    assert.equal((await agent.poll()).result, 'done')
    assert.deepEqual(await statuses(), [['CONVERTED', 10]])
    assert.deepEqual(
      shop.lots().map(lot => lot.quantity),
      [10],
    )
    assert.equal((await standing(throughput))?.purchased, 10)
  })

  it('waits while the cloud refuses to take a request, and takes the next', async () => {
    await agent.convert([tens(1)])
    await set({ askForFull: 1 })
    await synchronize()
    assert.equal(lastUpward().conversions.length, 1)
    assert.equal((await agent.poll()).result, 'done')
    assert.equal(shop.lots().length, 1)
  })

  it('tells a line of a product that was converted in another life of the server that it was', async () => {
    await agent.convert([tens(1)])
    await synchronize()
    assert.equal((await agent.poll()).result, 'done')
    // A backup from before the conversion is restored: the server knows nothing of it, the cloud does.
    await db()('conversions').where({ local_account_id: account.id }).delete()
    await agent.convert([tens(1), bySku('EX-ADV-PERM', 1, { source: 'CLASSIC' })])
    await synchronize('full')
    assert.equal((await agent.poll()).result, 'done')
    assert.deepEqual(await statuses(), [
      ['ALREADY_CONVERTED', 10],
      ['CONVERTED', 1],
    ])
    assert.equal(shop.lots().length, 2)
  })

  it('gathers what many products bring in one lot, and keeps each within what a lot may hold', async () => {
    const others = [await newProduct(), await newProduct()]
    for (const each of [agent, ...others]) await each.convert([tens(3)])
    const greedy = await newProduct()
    await greedy.convert([
      bySku('EX-THR-10G', 900_000),
      bySku('EX-THR-10G', 2 ** 31 - 1, { feature: 'all' }),
      bySku('EX-THR-10G', 999_999, { feature: 'most' }),
    ])
    await synchronize()
    assert.deepEqual(
      shop.lots().map(lot => lot.quantity),
      [9_000_090, 9_999_990],
    )
    assert.equal((await greedy.poll()).result, 'done')
    const words = (await greedy.status()).conversion.lines.map(line => [line.status, line.message])
    assert.deepEqual(words[1], ['NOT_ELIGIBLE', 'This is more than one conversion may bring.'])
  })

  it('leaves what came after the request for the next', async () => {
    await agent.convert([tens(1)])
    const prepared = await prepareSynchronization(branch.context, administrator, {
      ...{ localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' },
    })
    const late = await newProduct()
    await late.convert([tens(2)])
    const { request } = await db()('synchronizations').where({ id: prepared.id }).first()
    await applySynchronization(branch.context, administrator, { localAccountId: account.id, file: await courier(upstream, request) })
    assert.deepEqual([(await agent.poll()).result, (await late.poll()).result], ['done', 'waiting'])
    const waits = () => db()('alerts').where({ local_account_id: account.id, kind: 'conversion waits' }).whereNull('cleared_at')
    assert.equal((await waits()).length, 1)
    await synchronize()
    assert.equal((await late.poll()).result, 'done')
    assert.equal((await waits()).length, 0)
  })

  it('is followed up without a person where the account synchronizes by schedule, and not where it does not', async () => {
    const planned = async () => (await findSchedule(db(), account.id)).nextAt
    const turn = () => synchronizeDueAccounts(branch.context)
    await agent.convert([tens(1)])
    upstream.clock.advance(10 * minute)
    await turn()
    assert.deepEqual([await planned(), (await agent.poll()).result], [null, 'waiting'])

    const schedule = { frequency: 'monthly', hour: 3 } as const
    await scheduleSynchronization(branch.context, administrator, { localAccountId: account.id, schedule })
    await synchronize()
    assert.equal((await agent.poll()).result, 'done')
    await turn()
    const regular = (await planned())!
    upstream.clock.set(later(regular, -2 * hour))
    await agent.convert([tens(1), bySku('EX-ADV-PERM', 1, { source: 'CLASSIC' })])
    const others = [await newProduct(), await newProduct()]
    for (const each of others) await each.convert([tens(1)])
    const soon = later(upstream.clock.now(), 5 * minute)
    assert.deepEqual(await planned(), soon)
    await turn()
    assert.equal((await agent.poll()).result, 'waiting', 'what many ask for is gathered')
    upstream.clock.set(soon)
    await turn()
    for (const each of [agent, ...others]) assert.equal((await each.poll()).result, 'done')
    assert.deepEqual(await planned(), regular)

    await db()('synchronization_schedules').where({ local_account_id: account.id }).update({ failures: 3 })
    await others[0]!.convert([tens(1), bySku('EX-ADV-PERM', 1, { source: 'CLASSIC' })])
    assert.deepEqual(await planned(), regular, 'who waits after a failure is not hurried')
  })

  it('ends with what the cloud has granted, whatever is lost on the way', async function () {
    this.timeout(120_000)
    const step = fc.constantFrom('convert', 'convert', 'synchronize', 'full', 'lose', 'cancel', 'poll')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async steps => {
        const before = shop.lots().reduce((sum, lot) => sum + lot.quantity, 0)
        const product = await newProduct()
        let named = 0
        for (const each of steps) {
          if (each === 'convert') await product.convert([bySku('EX-THR-10G', 1, { feature: `f${++named % 3}` })])
          if (each === 'poll') await product.poll()
          if (each === 'lose') await set({ loseAnswer: 1 })
          if (each === 'cancel') {
            const wish = { localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' } as const
            await prepareSynchronization(branch.context, administrator, wish)
          }
          if (each === 'synchronize' || each === 'full') {
            await synchronize(each === 'full' ? 'full' : 'standard').catch((error: unknown) => assert.ok(error instanceof Refusal))
          }
        }
        await set({ loseAnswer: 0 })
        await synchronize()
        if ((await product.status()).conversion.status === 'IN PROGRESS') assert.equal((await product.poll()).result, 'done')
        const { instanceId } = (await product.status()).registration
        const granted = decided().filter(line => line.instanceId === instanceId && line.status === 'CONVERTED')
        assert.equal(new Set(granted.map(line => line.line)).size, granted.length, 'a line is converted once')
        const here = await db()('conversion_lines').where({ product_instance_id: instanceId, status: 'CONVERTED' }).pluck('line')
        assert.deepEqual(here.sort(), granted.map(line => line.line).sort(), 'both sides agree')
        const after = shop.lots().reduce((sum, lot) => sum + lot.quantity, 0)
        assert.equal(after - before, 10 * granted.length)
        assert.equal((await standing(upstream.ready.tags.throughput))?.purchased ?? 0, after, 'what is granted is here')
      }),
      { numRuns: 12 },
    )
  })
})
