import assert from 'node:assert/strict'
import type { CloudCarrier } from '../../src/cloud/carrier.ts'
import type { Context } from '../../src/context.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { day, hour, minute } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { runErrands } from '../../src/schedule/clock.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { findSchedule } from '../../src/storage/synchronizationSchedules.ts'
import { listSynchronizations, markCarried } from '../../src/storage/synchronizations.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { scheduleSynchronization, scheduleSynchronizations } from '../../src/synchronization/scheduleSynchronization.ts'
import { administrator } from '../support/account.ts'
import { type Branch, openBranch, openUpstream, type Upstream } from '../support/upstream.ts'

describe('accounts that synchronize by themselves', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount

  beforeEach(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    account = await branch.register('Site')
  })
  afterEach(async () => {
    await branch?.close()
    await upstream?.close()
  })

  const db = () => branch.context.storage.db
  const daily = { frequency: 'daily', hour: 2 } as const
  const schedule = (localAccountId = account.id, wish: Parameters<typeof scheduleSynchronizations>[2] | null = daily) =>
    scheduleSynchronization(branch.context, administrator, { localAccountId, schedule: wish })
  const exchanges = async (id = account.id) =>
    (await listSynchronizations(db(), id, { limit: 50 }))
      .filter(each => each.kind !== 'registration')
      .map(each => `${each.reason} ${each.state}`)
  const plan = (id = account.id) => findSchedule(db(), id)
  /** Lets time pass, in steps of ten minutes, as the ticks of a server see it. */
  const pass = async (time: number, context: Context = branch.context) => {
    for (let passed = 0; passed < time; passed += 10 * minute) {
      upstream.clock.advance(10 * minute)
      await runErrands(context)
    }
  }
  const withCarrier = (changes: Partial<CloudCarrier>): Context => ({ ...branch.context, cloud: { ...branch.context.cloud, ...changes } })
  const noLine = () => withCarrier({ carry: () => Promise.reject(new Refusal('CLOUD_UNREACHABLE', 'The line is cut.')) })

  it('do nothing until somebody says when', async () => {
    await pass(2 * day)
    assert.deepEqual(await exchanges(), [])
  })

  it('go once a day by a schedule of their own, and no more when it is taken away', async () => {
    await schedule()
    await pass(2 * day)
    assert.deepEqual(await exchanges(), ['SCHEDULED applied', 'SCHEDULED applied'])
    await schedule(account.id, null)
    await pass(2 * day)
    assert.equal((await exchanges()).length, 2)
  })

  it("go by the server's schedule where they have none, and follow when it changes", async () => {
    await scheduleSynchronizations(branch.context, administrator, { frequency: 'weekly', hour: 5 })
    const quiet = await branch.register('Quiet')
    await schedule(quiet.id, { frequency: 'off', hour: 0 })
    await runErrands(branch.context)
    assert.equal((await plan()).nextAt?.getUTCHours(), 5)
    await scheduleSynchronizations(branch.context, administrator, daily)
    await pass(day)
    assert.deepEqual(await exchanges(), ['SCHEDULED applied'])
    assert.deepEqual(await exchanges(quiet.id), [])
  })

  it('are carried once where two servers look at the same minute', async () => {
    await schedule()
    await runErrands(branch.context)
    upstream.clock.set((await plan()).nextAt!)
    await Promise.all([runErrands(branch.context), runErrands(branch.context)])
    assert.deepEqual(await exchanges(), ['SCHEDULED applied'])
  })

  it('try again, after longer and longer, while the cloud is away, and carry the same request', async () => {
    await schedule()
    await runErrands(branch.context)
    upstream.clock.set((await plan()).nextAt!)
    await runErrands(noLine())
    const [first] = [(await plan()).nextAt!.getTime() - upstream.clock.now().getTime()]
    assert.ok(first >= 5 * minute && first <= 10 * minute)
    await pass(6 * hour, noLine())
    assert.ok((await plan()).failures >= 4)
    assert.deepEqual(await exchanges(), ['SCHEDULED failed'])
    await pass(7 * hour)
    assert.equal((await plan()).failures, 0)
    assert.deepEqual([...new Set(await exchanges())], ['SCHEDULED applied'])
  })

  it('wait for a person where the cloud says no', async () => {
    await schedule()
    await upstream.database.write(cloud => cloud.run('delete from registrations'))
    await pass(day)
    assert.equal((await exchanges()).length, 1)
    assert.deepEqual(await exchanges(), ['SCHEDULED refused'])
  })

  it('leave a request alone that is with a courier', async () => {
    await schedule()
    await prepareSynchronization(branch.context, administrator, {
      localAccountId: account.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'manual',
    })
    await pass(2 * day)
    assert.deepEqual(await exchanges(), ['MANUAL prepared'])
    upstream.clock.advance(29 * day)
    await runErrands(branch.context)
    assert.deepEqual(await exchanges(), ['SCHEDULED applied', 'MANUAL cancelled'])
  })

  it('do not all come at once after an outage of the server', async () => {
    await schedule()
    const others = []
    for (const name of ['A', 'B', 'C', 'D']) others.push(await branch.register(name))
    for (const other of others) await schedule(other.id)
    await runErrands(branch.context)
    upstream.clock.advance(10 * day)
    let [most, now] = [0, 0]
    const counting = withCarrier({
      async carry(consignment, credentials) {
        most = Math.max(most, ++now)
        return branch.context.cloud.carry(consignment, credentials).finally(() => now--)
      },
    })
    await runErrands(counting)
    for (const each of [account, ...others]) assert.deepEqual(await exchanges(each.id), ['SCHEDULED applied'])
    assert.ok(most <= 2, `${most} at once`)
  })

  it('are taken up again where a server died with one in its hands, once it has been silent for a while', async () => {
    const exchange = await prepareSynchronization(branch.context, administrator, {
      localAccountId: account.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'network',
    })
    await markCarried(db(), exchange, upstream.clock.now())
    upstream.clock.advance(2 * minute)
    await runErrands(branch.context)
    assert.deepEqual(await exchanges(), ['MANUAL prepared'])
    upstream.clock.advance(2 * minute)
    await runErrands(branch.context)
    assert.deepEqual(await exchanges(), ['MANUAL applied'])
    assert.equal((await getLocalAccount(db(), account.id)).sequence, 1)
  })

  it('end a request that was left for more than a day with a sentence, and nothing of it leaves', async () => {
    await prepareSynchronization(branch.context, administrator, {
      localAccountId: account.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'network',
    })
    upstream.clock.advance(2 * day)
    const before = upstream.upward().length
    await runErrands(branch.context)
    assert.deepEqual(await exchanges(), ['MANUAL failed'])
    assert.equal(upstream.upward().length, before)
  })
})
