import assert from 'node:assert/strict'
import { findRegistration } from '../../src/lab/cloud/store/registrations.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { day } from '../../src/rules/clock.ts'
import type { Synchronization } from '../../src/rules/exchanges.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { getExchangeFile, getSynchronization } from '../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { cancelFile } from '../../src/synchronization/cancelFile.ts'
import { handOut, prepareFile, prepareRegistrationFile } from '../../src/synchronization/prepareFile.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { previewResponse } from '../../src/synchronization/previewResponse.ts'
import { readExchange } from '../../src/synchronization/readExchange.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { applyUploadedResponse, uploadResponse } from '../../src/synchronization/uploadResponse.ts'
import { withholdFromCloud } from '../../src/synchronization/withholdFromCloud.ts'
import { administrator } from '../support/account.ts'
import { type Branch, courier, seenByCloud, standProduct, type Upstream, useLicenses, withCloud } from '../support/upstream.ts'

describe('an account that is carried by hand', () => {
  let upstream: Upstream
  let branch: Branch

  withCloud(both => {
    ;({ upstream, branch } = both)
  })

  const now = (account: LocalAccount) => getLocalAccount(branch.context.storage.db, account.id)
  const wish = (name: string, given: object = {}) => ({ name, smartAccount: 'Example Corp', virtualAccount: name, ...given })
  const register = async (name: string, virtualAccount = name) => {
    const exchange = await prepareRegistrationFile(branch.context, administrator, wish(name, { virtualAccount }))
    const file = await courier(upstream, await handOut(branch.context, exchange))
    await applySynchronization(branch.context, administrator, { localAccountId: exchange.localAccountId, file })
    return getLocalAccount(branch.context.storage.db, exchange.localAccountId)
  }
  const prepare = (account: LocalAccount, type: 'standard' | 'full' = 'standard') =>
    prepareFile(branch.context, administrator, { localAccountId: account.id, type })
  const carry = async (exchange: Synchronization) => courier(upstream, await handOut(branch.context, exchange))
  const apply = (account: LocalAccount, file: string) =>
    applySynchronization(branch.context, administrator, { localAccountId: account.id, file })

  it('is registered without a network, and stays as it was until the response is there', async () => {
    const exchange = await prepareRegistrationFile(branch.context, administrator, wish('By hand'))
    const waiting = await getLocalAccount(branch.context.storage.db, exchange.localAccountId)
    assert.deepEqual([waiting.state, exchange.state], ['requested', 'prepared'])
    const request = await handOut(branch.context, exchange)
    assert.equal((await getSynchronization(branch.context.storage.db, exchange)).state, 'outstanding')
    assert.equal(await handOut(branch.context, exchange), request, 'as often as the courier asks')
    assert.equal((await apply(waiting, await courier(upstream, request))).state, 'applied')
    assert.equal((await now(waiting)).state, 'registered')
    assert.deepEqual(
      (await branch.context.storage.db('cloud_credentials').where({ local_account_id: waiting.id })).length,
      0,
      'it needs no credentials of the cloud',
    )
  })

  it('comes to the same as one by network: certificates, licenses, usage, the chain', async () => {
    const { advantage, essentials } = upstream.ready.tags
    const byNetwork = await branch.register('Twin by network')
    const byFile = await register('Twin by file')
    for (const account of [byNetwork, byFile]) {
      const shop = upstream.shop(account.name)
      await shop.buy(advantage, 5)
      await shop.buy(essentials, 2)
      const id = await standProduct(branch, account, { hostname: 'twin' })
      await useLicenses(branch, account, id, { [advantage]: 2, [essentials]: 3 })
    }
    for (const type of ['standard', 'full', 'standard'] as const) {
      await synchronizeLocalAccount(branch.context, administrator, byNetwork.id, type)
      assert.equal((await apply(byFile, await carry(await prepare(byFile, type)))).state, 'applied')
      assert.deepEqual(await stateOf(byFile), await stateOf(byNetwork))
    }
  })

  /** What an account is, here and in the cloud, without what is its own: names, numbers, keys. */
  async function stateOf(account: LocalAccount) {
    const { db } = branch.context.storage
    const { state, lastSynchronizedAt, nextSynchronizationAt, sequence } = await now(account)
    const at = { local_account_id: account.id }
    const authority = await db('account_authorities').where(at).first()
    const seen = seenByCloud(upstream, account.uuid)
    return {
      account: { state, lastSynchronizedAt, nextSynchronizationAt, sequence },
      certificatesEndAt: authority.certificates_end_at,
      threeTier: authority.three_tier_certificate !== null,
      lots: await db('entitlements').where(at).orderBy(['tag_id', 'quantity']).select('tag_id', 'license_type', 'quantity', 'status'),
      authorizations: await db('authorizations').where(at).orderBy('tag_id').select('tag_id', 'purchased', 'in_use', 'balance'),
      reported: (await db('reported_product_instances').where(at).select('product_instance_id')).length,
      exchanges: await db('synchronizations').where(at).orderBy('id').select('kind', 'state', 'sequence', 'code'),
      cloud: { usage: seen.usage, products: seen.products.length, lastSequence: seen.registration.lastSequence },
    }
  }

  it('is on the way for two days, or for four weeks, and needs no full one for it', async () => {
    const account = await register('Far away')
    for (const days of [2, 28]) {
      const request = await handOut(branch.context, await prepare(account))
      upstream.clock.advance(days * day)
      const response = await courier(upstream, request)
      upstream.clock.advance(days * day)
      assert.equal((await apply(account, response)).state, 'applied')
    }
    assert.equal(findRegistration(upstream.database.read, account.uuid)?.lastSequence, 2)
  })

  it('is too late after the life of the request: the cloud asks for a full one, and takes it', async () => {
    const account = await register('Too late')
    const request = await handOut(branch.context, await prepare(account))
    upstream.clock.advance(31 * day)
    const refused = await apply(account, await courier(upstream, request))
    assert.deepEqual([refused.state, refused.code], ['refused', 'CLOCK_SHIFT'])
    const next = await prepare(account)
    assert.deepEqual([next.kind, next.reason], ['full', 'CLOCK_SHIFT'])
    assert.equal((await apply(account, await carry(next))).state, 'applied')
  })

  it('is told that another request takes its place, and the old response is old', async () => {
    const account = await register('Changed mind')
    const first = await prepare(account)
    const request = await handOut(branch.context, first)
    const second = await prepare(account, 'full')
    await assert.rejects(handOut(branch.context, { ...first, state: 'cancelled' }), { code: 'NO_PENDING_REQUEST' })
    assert.equal(second.sequence, first.sequence)
    await assert.rejects(apply(account, await courier(upstream, request)), { code: 'FILE_OLD' })
  })

  it('is not prepared while an exchange is on the network', async () => {
    const account = await branch.register('Busy')
    await prepareSynchronization(branch.context, administrator, {
      localAccountId: account.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'network',
    })
    await assert.rejects(prepare(account), { code: 'CONFLICT', message: /by network is under way/ })
    await assert.rejects(cancelFile(branch.context, administrator, account.id), { code: 'NO_PENDING_REQUEST' })
  })

  it('is given up, and costs nothing where the file never left', async () => {
    const account = await register('Given up')
    await prepare(account)
    await cancelFile(branch.context, administrator, account.id)
    await assert.rejects(cancelFile(branch.context, administrator, account.id), { code: 'NO_PENDING_REQUEST' })
    assert.equal((await apply(account, await carry(await prepare(account)))).state, 'applied')
  })

  it('is shown what is in a response before it counts, and applies it once', async () => {
    const account = await register('Looked at')
    await upstream.shop('Looked at').buy(upstream.ready.tags.throughput, 7)
    const exchange = await prepare(account)
    const file = Buffer.from(await carry(exchange))
    const before = await now(account)
    await uploadResponse(branch.context, administrator, { localAccountId: account.id, file })
    assert.deepEqual(await now(account), before, 'nothing is applied yet')
    const preview = (await previewResponse(branch.context, account.id))!
    assert.deepEqual(
      preview.lots.map(({ change, before, quantity }) => [change, before, quantity]),
      [['new', null, 7]],
    )
    assert.deepEqual([preview.status, preview.sequence, preview.virtualAccount], ['OK', 1, 'Looked at'])
    assert.equal(preview.certificatesEndAt?.getTime(), upstream.clock.now().getTime() + 365 * day)
    assert.equal((await applyUploadedResponse(branch.context, administrator, account.id)).state, 'applied')
    assert.equal(await previewResponse(branch.context, account.id), undefined)
    await assert.rejects(applyUploadedResponse(branch.context, administrator, account.id), { code: 'NO_PENDING_REQUEST' })
    await assert.rejects(uploadResponse(branch.context, administrator, { localAccountId: account.id, file }), { code: 'FILE_SAME' })
    const contents = await readExchange(branch.context, await getSynchronization(branch.context.storage.db, exchange))
    assert.deepEqual(contents.response?.lots, [{ op: 'put', name: contents.response?.lots[0]?.name, quantity: 7 }])
    assert.equal(contents.request?.reason, 'MANUAL')
  })

  it('takes nothing that is not the answer, and waits on for the right one', async () => {
    const [account, other] = [await register('Right'), await register('Wrong')]
    const exchange = await prepare(account)
    const wrong = Buffer.from(await carry(await prepare(other)))
    const right = await carry(exchange)
    const upload = (file: Uint8Array) => uploadResponse(branch.context, administrator, { localAccountId: account.id, file })
    await assert.rejects(upload(wrong), { code: 'WRONG_ACCOUNT' })
    await assert.rejects(upload(Buffer.from('{}')), { code: 'FILE_MALFORMED' })
    await assert.rejects(upload(Buffer.from((await getExchangeFile(branch.context.storage.db, exchange, 'request'))!)), {
      code: 'WRONG_TYPE',
    })
    assert.equal((await apply(account, right)).state, 'applied')
  })

  it('carries nothing that is withheld since it was written', async () => {
    const account = await register('Withheld')
    await standProduct(branch, account, { hostname: 'secret-name' })
    const exchange = await prepare(account)
    await withholdFromCloud(branch.context, administrator, {
      localAccountId: account.id,
      privacy: { hostname: true, ip: false, mac: false },
    })
    await assert.rejects(handOut(branch.context, exchange), { code: 'CONFLICT', message: /withheld/ })
    await apply(account, await carry(await prepare(account)))
    assert.ok(upstream.upward().every(text => !text.includes('secret-name')))
  })
})
