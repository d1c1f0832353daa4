import assert from 'node:assert/strict'
import type { CloudCarrier } from '../../src/cloud/carrier.ts'
import type { Context } from '../../src/context.ts'
import { type Faults, putFaults } from '../../src/lab/cloud/faults.ts'
import { listRegistrations } from '../../src/lab/cloud/store/registrations.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { day, hour } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { getLocalAccount, updateLocalAccount } from '../../src/storage/localAccounts.ts'
import { findLatestSynchronization, listSynchronizations } from '../../src/storage/synchronizations.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { registerLocalAccount } from '../../src/synchronization/registerLocalAccount.ts'
import { resumeExchanges } from '../../src/synchronization/resumeExchanges.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { type Branch, seenByCloud, standProduct, type Upstream, withCloud } from '../support/upstream.ts'

describe('a server and its cloud that are out of step', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  let count = 0

  withCloud(both => {
    ;({ upstream, branch } = both)
  })
  beforeEach(async () => {
    account = await branch.register(`Site ${++count}`)
  })

  afterEach(() => set({ refuse: 0, loseAnswer: 0, askForFull: 0, wrongKey: 0, slowSeconds: 0, wrongClockHours: 0 }))

  const db = () => branch.context.storage.db
  const synchronize = (type: 'standard' | 'full' = 'standard', context: Context = branch.context) =>
    synchronizeLocalAccount(context, administrator, account.id, type)
  const prepare = (carrier: 'network' | 'manual' = 'network') =>
    prepareSynchronization(branch.context, administrator, { localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier })
  const now = () => getLocalAccount(db(), account.id)
  const seen = () => seenByCloud(upstream, account.uuid)
  const set = (faults: Partial<Faults>) => upstream.database.write(db => putFaults(db, faults))
  const states = async () =>
    (await listSynchronizations(db(), account.id, { limit: 20 })).map(each => `${each.kind} ${each.state}`).reverse()
  const inStep = async () => assert.equal((await now()).chainHash, seen().registration.chainHash)

  /** The same context with a carrier that goes wrong as a test wants. */
  const withCarrier = (changes: Partial<CloudCarrier>): Context => ({ ...branch.context, cloud: { ...branch.context.cloud, ...changes } })
  const breaksOff = () => Promise.reject(new Refusal('CLOUD_UNREACHABLE', 'The connection broke off.'))
  const losesAnswer = () =>
    withCarrier({
      async carry(consignment, credentials) {
        await branch.context.cloud.carry(consignment, credentials)
        return breaksOff()
      },
    })

  it('carry the same request again when its answer was lost, and apply it once', async () => {
    await standProduct(branch, account)
    await assert.rejects(synchronize('standard', losesAnswer()), { code: 'CLOUD_UNREACHABLE' })
    assert.equal(seen().registration.lastSequence, 1, 'the cloud has taken it')
    const failed = await findLatestSynchronization(db(), account.id)
    assert.deepEqual([failed?.state, failed?.message], ['failed', 'The connection broke off.'])
    await synchronize()
    assert.deepEqual(await states(), ['registration applied', 'standard applied', 'standard applied'])
    assert.equal(seen().registration.lastSequence, 2)
    await inStep()
  })

  it('raise an alert when it fails, and clear it when it works again', async () => {
    const open = () => db()('alerts').where({ local_account_id: account.id, kind: 'synchronization failed' }).whereNull('cleared_at')
    await assert.rejects(synchronize('standard', withCarrier({ carry: breaksOff })), { code: 'CLOUD_UNREACHABLE' })
    assert.deepEqual(
      (await open()).map(alert => alert.message),
      ['The connection broke off.'],
    )
    await synchronize()
    assert.deepEqual(await open(), [])
  })

  it('do not carry a request again that tells what has been withheld since', async () => {
    await standProduct(branch, account, { hostname: 'no-longer-told' })
    await assert.rejects(synchronize('standard', withCarrier({ carry: breaksOff })))
    await updateLocalAccount(db(), account.id, { privacy: { hostname: true, ip: false, mac: false } })
    const before = upstream.upward().length
    await synchronize()
    assert.ok(
      upstream
        .upward()
        .slice(before)
        .every(text => !text.includes('no-longer-told')),
    )
    assert.equal(upstream.upward().length, before + 1)
  })

  it('finish what a killed server has left under way, when it starts again', async () => {
    const left = await prepare()
    await branch.context.cloud.carry(
      {
        exchange: 'synchronization',
        container: (await db()('synchronizations').where({ id: left.id }).first()).request,
        serverUuid: '',
        smartAccountId: null,
        virtualAccountId: null,
      },
      { clientId: upstream.ready.clientId, clientSecret: upstream.ready.clientSecret },
    )
    await resumeExchanges(branch.context)
    assert.deepEqual(await states(), ['registration applied', 'standard applied'])
    await inStep()
  })

  it('let two processes carry the same request, and one of them apply the answer', async () => {
    await prepare()
    await Promise.all([resumeExchanges(branch.context), resumeExchanges(branch.context)])
    assert.deepEqual(await states(), ['registration applied', 'standard applied'])
    const events = await db()('events').where({ local_account_id: account.id, kind: 'synchronization' })
    assert.equal(events.length, 1)
    await inStep()
  })

  it('prepare one at a time', async () => {
    const outcomes = await Promise.allSettled([prepare(), prepare(), prepare()])
    const refused = outcomes.filter(each => each.status === 'rejected').map(each => each.reason.code)
    assert.ok(refused.every(code => code === 'CONFLICT'))
    const { count } = (await db()('synchronizations').where({ local_account_id: account.id, state: 'prepared' }).count().first())!
    assert.equal(count, 1)
    await synchronize()
    await inStep()
  })

  it('are together again after a restored backup, by a full one, and the cloud flags the second within 30 days', async () => {
    await synchronize()
    const backup = await now()
    const reported = await db()('reported_product_instances').where({ local_account_id: account.id })
    const restore = async () => {
      await db()('synchronizations').where({ local_account_id: account.id }).where('sequence', '>', 1).delete()
      await db()('reported_product_instances').where({ local_account_id: account.id }).delete()
      if (reported.length > 0) await db()('reported_product_instances').insert(reported)
      await updateLocalAccount(db(), account.id, { sequence: backup.sequence, chainHash: backup.chainHash })
    }
    const cloneFlag = () => listRegistrations(upstream.database.read).find(each => each.localAccountId === account.uuid)?.possibleCloneAt
    await standProduct(branch, account)
    await synchronize()
    await restore()
    const done = await synchronize()
    assert.deepEqual([done.kind, done.reason, done.state], ['full', 'RESTORED', 'applied'])
    assert.equal(seen().productIds.length, 1)
    await inStep()
    assert.equal(cloneFlag(), null)
    await restore()
    await synchronize()
    await inStep()
    assert.equal(cloneFlag(), upstream.clock.now().getTime())
  })

  it('are together again when the cloud has lost product instances', async () => {
    await standProduct(branch, account)
    await synchronize()
    const { registration } = seen()
    await upstream.database.write(db => db.run('delete from product_instances where registration_id = ?', registration.id))
    const done = await synchronize()
    assert.deepEqual([done.kind, done.reason], ['full', 'MISMATCH'])
    assert.equal(seen().productIds.length, 1)
    assert.deepEqual(await states(), ['registration applied', 'standard applied', 'standard applied', 'full applied'])
    await inStep()
  })

  it('are together again when the server has lost entitlements', async () => {
    const { security } = upstream.ready.tags
    await upstream.shop(account.name).buy(security, 4)
    await synchronize()
    await db()('entitlements').where({ local_account_id: account.id }).delete()
    const done = await synchronize()
    assert.deepEqual([done.kind, done.state], ['full', 'applied'])
    assert.equal((await db()('entitlements').where({ local_account_id: account.id })).length, 1)
    await inStep()
  })

  it('are together again when the clocks are more than a day apart', async () => {
    await set({ wrongClockHours: 30 })
    const done = await synchronize()
    assert.deepEqual([done.kind, done.reason, done.state], ['full', 'CLOCK_SHIFT', 'applied'])
    await inStep()
  })

  it('make a full one when the cloud asks for it', async () => {
    await set({ askForFull: 1 })
    const done = await synchronize()
    assert.deepEqual([done.kind, done.reason], ['full', 'AUTHORITY'])
  })

  it('come together after the cloud signed with a wrong key, which is not believed', async () => {
    await set({ wrongKey: 1 })
    await assert.rejects(synchronize(), { code: 'BAD_SIGNATURE' })
    assert.equal((await now()).sequence, 0)
    assert.equal((await synchronize()).state, 'applied')
    await inStep()
  })

  it('come together after the cloud has lost an answer on the line, or was in trouble', async () => {
    await set({ loseAnswer: 1 })
    await assert.rejects(synchronize(), { code: 'CLOUD_UNREACHABLE', message: /broke off/ })
    await synchronize()
    await set({ refuse: 1 })
    await assert.rejects(synchronize(), { code: 'CLOUD_UNREACHABLE', message: /in trouble \(HTTP 503\)/ })
    await synchronize()
    await inStep()
  })

  it('stay apart when the registration was removed in the cloud, and say so', async () => {
    const { registration } = seen()
    await upstream.database.write(db => db.run('delete from registrations where id = ?', registration.id))
    await assert.rejects(synchronize(), { code: 'WRONG_ACCOUNT', message: /not registered here/ })
    assert.deepEqual(await states(), ['registration applied', 'standard refused'])
  })

  it('register again in the same words when the first answer was lost', async () => {
    const credentials = { clientId: upstream.ready.clientId, clientSecret: upstream.ready.clientSecret }
    const wish = { name: 'Lost and found', smartAccount: 'Example Corp', virtualAccount: 'Lost and found', credentials }
    await assert.rejects(registerLocalAccount(losesAnswer(), administrator, wish), { code: 'CLOUD_UNREACHABLE' })
    const registered = await registerLocalAccount(branch.context, administrator, wish)
    assert.equal(registered.state, 'registered')
    const exchanges = await listSynchronizations(db(), registered.id, { limit: 5 })
    assert.deepEqual(
      exchanges.map(each => each.state),
      ['applied'],
    )
  })

  it('register again in other words too, before the first synchronization', async () => {
    const credentials = { clientId: upstream.ready.clientId, clientSecret: upstream.ready.clientSecret }
    const wish = { name: 'Late', smartAccount: 'Example Corp', virtualAccount: 'Late', credentials }
    await assert.rejects(registerLocalAccount(losesAnswer(), administrator, wish), { code: 'CLOUD_UNREACHABLE' })
    upstream.clock.advance(2 * day)
    const registered = await registerLocalAccount(branch.context, administrator, wish)
    upstream.clock.advance(-2 * day)
    assert.equal(registered.state, 'registered')
  })

  it('know a request that is an hour old from one that was made for a courier', async () => {
    const manual = await prepare('manual')
    upstream.clock.advance(hour)
    await synchronize()
    assert.equal((await listSynchronizations(db(), account.id, { limit: 9 })).find(each => each.id === manual.id)?.state, 'cancelled')
  })
})
