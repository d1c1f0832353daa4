import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { joseAlgorithm, signJose } from '../../src/pki/signature.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { day } from '../../src/rules/clock.ts'
import type { Synchronization } from '../../src/rules/exchanges.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { getExchangeFile, getSynchronization } from '../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { prepareRegistration } from '../../src/synchronization/prepareRegistration.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { sealContainer } from '../../src/wire/container.ts'
import { administrator } from '../support/account.ts'
import { type Branch, courier, openBranch, openUpstream, payloadText, type Upstream, withCloud } from '../support/upstream.ts'

describe('a response that is carried back by hand', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  let other: LocalAccount

  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
    other = await branch.register('Second site')
  })
  let count = 0
  beforeEach(async () => {
    account = await branch.register(`Site ${++count}`)
  })
  after(async () => {
    await branch?.close()
    await upstream?.close()
  })

  const prepare = (localAccountId = account.id, kind: 'standard' | 'full' = 'standard') =>
    prepareSynchronization(branch.context, administrator, { localAccountId, kind, reason: 'MANUAL', carrier: 'manual' })
  const requestOf = async (exchange: Synchronization) => (await getExchangeFile(branch.context.storage.db, exchange, 'request'))!
  const carried = async (exchange: Synchronization) => courier(upstream, await requestOf(exchange))
  const apply = (file: string, localAccountId = account.id, at = branch) =>
    applySynchronization(at.context, administrator, { localAccountId, file })
  const stateOf = async (exchange: Synchronization) => (await getSynchronization(branch.context.storage.db, exchange)).state
  const sequenceOf = async (id = account.id) => (await getLocalAccount(branch.context.storage.db, id)).sequence

  /** The response, with a member changed, under a signature that somebody made. */
  const forged = (response: string, changes: object) => {
    const payload = gzipSync(JSON.stringify({ ...JSON.parse(payloadText(response)), ...changes })).toString('base64url')
    return JSON.stringify({ ...JSON.parse(response), payload })
  }

  it('is applied once, and a second upload of it changes nothing', async () => {
    const exchange = await prepare()
    const response = await carried(exchange)
    assert.equal((await apply(response)).state, 'applied')
    const before = await getLocalAccount(branch.context.storage.db, account.id)
    await assert.rejects(apply(response), { code: 'FILE_SAME' })
    assert.deepEqual(await getLocalAccount(branch.context.storage.db, account.id), before)
  })

  it('is old when another has been applied since', async () => {
    const response = await carried(await prepare())
    await apply(response)
    await apply(await carried(await prepare()))
    await assert.rejects(apply(response), { code: 'FILE_OLD' })
  })

  it('is old when its request was cancelled by a newer one, and the newer one goes on', async () => {
    const first = await prepare()
    const second = await prepare()
    assert.equal(first.sequence, second.sequence, 'cancelling re-uses the number')
    await assert.rejects(apply(await carried(first)), { code: 'FILE_OLD' })
    assert.equal(await stateOf(first), 'cancelled')
    const answer = await apply(await carried(second))
    assert.deepEqual([answer.state, answer.code], ['refused', 'CHAIN_BROKEN'], 'the cloud has answered the cancelled one already')
    const third = await prepare()
    assert.deepEqual([third.kind, third.reason], ['full', 'RESTORED'])
    assert.equal((await apply(await carried(third))).state, 'applied')
  })

  it('costs nothing to prepare anew while the file has never left', async () => {
    await prepare()
    const second = await prepare()
    assert.equal((await apply(await carried(second))).state, 'applied')
  })

  it('is refused where a byte was changed, and the request goes on waiting for the right one', async () => {
    const exchange = await prepare()
    const response = await carried(exchange)
    for (const position of [0.2, 0.5, 0.8]) {
      const at = Math.floor(response.length * position)
      const changed = response.slice(0, at) + (response[at] === 'A' ? 'B' : 'A') + response.slice(at + 1)
      await assert.rejects(apply(changed), (error: { code: string }) =>
        ['BAD_SIGNATURE', 'UNTRUSTED_CERT', 'FILE_MALFORMED', 'UNSUPPORTED_VERSION', 'WRONG_TYPE'].includes(error.code),
      )
    }
    await assert.rejects(apply(forged(response, { message: 'Changed.' })), { code: 'BAD_SIGNATURE' })
    assert.equal(await stateOf(exchange), 'prepared')
    assert.equal((await apply(response)).state, 'applied')
  })

  it('is refused when it answers the request of another account', async () => {
    await prepare()
    const response = await carried(await prepare(other.id))
    await assert.rejects(apply(response), { code: 'WRONG_ACCOUNT' })
    assert.equal((await apply(response, other.id)).state, 'applied')
  })

  it('is refused when it answers a request of another server', async () => {
    const elsewhere = await openBranch(upstream)
    const stranger = await elsewhere.register('Elsewhere')
    const exchange = await prepareSynchronization(elsewhere.context, administrator, {
      localAccountId: stranger.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'manual',
    })
    const response = await courier(upstream, (await getExchangeFile(elsewhere.context.storage.db, exchange, 'request'))!)
    await assert.rejects(apply(response), { code: 'WRONG_SERVER' })
    await elsewhere.close()
  })

  it('is refused when no request waits', async () => {
    const exchange = await prepare()
    const response = await carried(exchange)
    await branch.context.storage.db('synchronizations').where({ id: exchange.id }).delete()
    await assert.rejects(apply(response), { code: 'NO_PENDING_REQUEST' })
    await prepare()
    await assert.rejects(apply(response), { code: 'REQUEST_MISMATCH' })
  })

  it('is refused when it is a request', async () => {
    await assert.rejects(apply(await requestOf(await prepare())), { code: 'WRONG_TYPE' })
  })

  it('is refused when its time has passed', async () => {
    const response = await carried(await prepare())
    upstream.clock.advance(31 * day)
    await assert.rejects(apply(response), { code: 'FILE_EXPIRED' })
    upstream.clock.advance(-31 * day)
    assert.equal((await apply(response)).state, 'applied')
  })

  it('is refused when a server signed it, whose certificate leads to the same root', async () => {
    const exchange = await prepare()
    const payload = JSON.parse(payloadText(await carried(exchange)))
    const { signer } = await branch.context.authority.of(account.id)
    const server = (await branch.context.authority.serverSigner())!
    for (const each of [signer, server]) {
      const x5c = [each.certificate.pem, ...each.chain].map(pem => pem.replace(/-----[A-Z ]+-----|\s/g, ''))
      const sealed = await sealContainer(
        { typ: 'sync-response', kid: each.serial, alg: joseAlgorithm(each.privateKey), x5c, payload },
        data => signJose(each.privateKey, data),
      )
      await assert.rejects(apply(sealed.text), { code: 'UNTRUSTED_CERT' })
    }
  })

  it('is refused when it comes from another cloud', async () => {
    const false_cloud = await openUpstream(upstream.clock)
    const exchange = await prepare()
    const there = await openBranch(false_cloud)
    await there.register('Laboratory')
    const file = `${false_cloud.exchanges}/Laboratory-0.registration-response.json`
    await assert.rejects(apply(readFileSync(file, 'utf8')), { code: 'UNTRUSTED_CERT' })
    await there.close()
    await false_cloud.close()
    assert.equal(await stateOf(exchange), 'prepared')
  })

  it('is refused, in a sentence, when it is no container at all', async () => {
    for (const text of [
      '',
      '{}',
      'hello',
      '[]',
      '{"format":"slx/2"}',
      '{"format":"slx/1","protected":"e30","payload":"","signature":""}',
    ]) {
      await assert.rejects(
        apply(text),
        (error: { name: string; message: string }) => error.name === 'Refusal' && error.message.endsWith('.'),
      )
    }
  })

  it('registers an account as well as the network does', async () => {
    const exchange = await prepareRegistration(
      branch.context,
      administrator,
      { name: 'By hand', smartAccount: 'Example Corp', virtualAccount: 'By hand' },
      'manual',
    )
    assert.equal((await apply(await carried(exchange), exchange.localAccountId)).state, 'applied')
    assert.equal((await getLocalAccount(branch.context.storage.db, exchange.localAccountId)).state, 'registered')
    assert.equal(await sequenceOf(exchange.localAccountId), 0)
  })

  it('is not taken for a registration that waits', async () => {
    const response = await carried(await prepare())
    const exchange = await prepareRegistration(
      branch.context,
      administrator,
      { name: 'Waiting', smartAccount: 'Example Corp', virtualAccount: 'Waiting' },
      'manual',
    )
    await assert.rejects(apply(response, exchange.localAccountId), { code: 'WRONG_ACCOUNT' })
  })
})

describe('a request that is carried up by hand', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount

  withCloud(async both => {
    ;({ upstream, branch } = both)
    account = await branch.register('Laboratory')
  })

  const exchange = async () => {
    const prepared = await prepareSynchronization(branch.context, administrator, {
      localAccountId: account.id,
      kind: 'standard',
      reason: 'MANUAL',
      carrier: 'manual',
    })
    const request = (await getExchangeFile(branch.context.storage.db, prepared, 'request'))!
    return { request, apply: (file: string) => applySynchronization(branch.context, administrator, { localAccountId: account.id, file }) }
  }

  it('is answered the same, byte for byte, when it comes a second time', async () => {
    const { request, apply } = await exchange()
    const first = await courier(upstream, request)
    assert.equal(await courier(upstream, request), first)
    await apply(first)
  })

  it('is rejected when others have been answered since, and nothing is applied', async () => {
    const old = await exchange()
    await old.apply(await courier(upstream, old.request))
    const fresh = await exchange()
    await fresh.apply(await courier(upstream, fresh.request))
    const answer = JSON.parse(payloadText(await courier(upstream, old.request)))
    assert.deepEqual([answer.status, answer.message_code, answer.entitlements], ['REJECTED', 'FILE_REPLAYED', null])
  })

  it('is refused where a byte was changed, or another key has signed it', async () => {
    const { request } = await exchange()
    const parts = JSON.parse(request)
    await assert.rejects(courier(upstream, JSON.stringify({ ...parts, payload: `${parts.payload.slice(0, -8)}AAAAAAAA` })), /does not hold/)
    const registration = readFileSync(`${upstream.exchanges}/Laboratory-0.registration-request.json`, 'utf8')
    const altered = JSON.stringify({ ...JSON.parse(registration), signature: parts.signature })
    await assert.rejects(courier(upstream, altered), /does not hold/)
  })

  it('is refused when it is a response', async () => {
    const { request } = await exchange()
    await assert.rejects(courier(upstream, await courier(upstream, request)), /This is a response/)
  })
})
