import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { followThreeTier } from '../../src/licensing/awaitThreeTier.ts'
import { revokeRegistrationToken } from '../../src/licensing/revokeRegistrationToken.ts'
import { day, hour, later } from '../../src/rules/clock.ts'
import { threeTierGather } from '../../src/rules/lifetimes.ts'
import { deletePollsBefore } from '../../src/storage/polls.ts'
import { findSchedule, planSynchronization } from '../../src/storage/synchronizationSchedules.ts'
import { administrator, newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { insertThreeTierCertificate } from '../support/authorityRows.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import type { TestProduct } from '../support/product.ts'

const threeTier = { name: 'C_agent', version: '1.0.0', production: false, additional_info: '', capabilities: ['DLC', 'OK_TRY_AGAIN'] }

describe('an agent without MULTITIER', () => {
  let open: OpenDoor
  let home: RegisteredAccount
  let token: string

  before(async () => {
    open = await openTestDoor()
  })
  // Each test has an account of its own, whose three-tier certificate it brings itself.
  beforeEach(async () => {
    home = await registeredAccount(open.context)
    token = (await newToken(open.context, home)).secret
  })
  after(() => open.close())

  async function registered(): Promise<[instances: number, uses: number]> {
    const { db } = open.context.storage
    const ofAccount = { local_account_id: home.account.id }
    const [instances, tokens] = [await db('product_instances').where(ofAccount), await db('registration_tokens').where(ofAccount)]
    return [instances.length, tokens.reduce((sum, row) => sum + row.uses, 0)]
  }

  function oldAgent(): TestProduct {
    const product = open.product({ rsa: true })
    product.connectInfo = threeTier
    return product
  }

  const poll = (product: TestProduct, poll_id: unknown) => product.say('POLL', { poll_id, action: 'registration' })

  it('waits until the cloud has signed the three-tier certificate, and then gets what it would have got', async () => {
    const product = oldAgent()
    const held = await product.say('REGISTRATION', product.applies(token))
    const { poll_id, poll_interval, action } = held.response
    assert.deepEqual([held.status, poll_interval, action, held.data], ['OK_POLL', 300, 'registration', null])
    assert.ok(Number.isSafeInteger(poll_id))

    const again = await poll(product, poll_id)
    assert.deepEqual([again.status, again.response.poll_id], ['OK_POLL', poll_id])
    assert.deepEqual(await registered(), [0, 0])

    await insertThreeTierCertificate(open.context, home.account)
    const reply = await poll(product, poll_id)
    assert.deepEqual([reply.status, reply.response.action], ['OK', 'registration'])
    product.keep(reply.data)
    product.follow(new X509Certificate(product.certificate!), reply.data.sub_ca_certs as string[])
    assert.equal((reply.data.sub_ca_certs as string[]).length, 1, 'the root itself signed the account CA')
    assert.equal(reply.header.product_instance_identifier, product.id)
    assert.deepEqual(await registered(), [1, 1])
    assert.equal((await product.say('REGISTRATION_ACK', { id_cert_serial_number: product.serial })).status, 'OK')
  })

  it('brings the next synchronization of its account near, and tells people that it waits', async () => {
    const { db } = open.context.storage
    const now = open.clock.now()
    await planSynchronization(db, home.account.id, { nextAt: later(now, 20 * day), failures: 0 })
    const planned = async () => (await findSchedule(db, home.account.id)).nextAt
    const alerts = () =>
      db('alerts').where({ local_account_id: home.account.id, kind: 'three-tier certificate waits' }).whereNull('cleared_at')
    const product = oldAgent()
    const { poll_id } = (await product.say('REGISTRATION', product.applies(token))).response
    assert.deepEqual(await planned(), later(now, threeTierGather))
    assert.equal((await alerts()).length, 1)
    await planSynchronization(db, home.account.id, { nextAt: later(now, 20 * day), failures: 0 })
    await followThreeTier(db, home.account.id, false, now)
    assert.deepEqual(await planned(), later(now, threeTierGather), 'the cloud has not signed yet: soon again')
    await insertThreeTierCertificate(open.context, home.account)
    assert.equal((await poll(product, poll_id)).status, 'OK')
    await followThreeTier(db, home.account.id, true, now)
    assert.deepEqual(await alerts(), [])
  })

  it('whose answer was lost gets it again, and is not registered twice', async () => {
    const product = oldAgent()
    const { poll_id } = (await product.say('REGISTRATION', product.applies(token))).response
    await insertThreeTierCertificate(open.context, home.account)
    const replies = await Promise.all([poll(product, poll_id), poll(product, poll_id), poll(product, poll_id)])
    const later = await poll(product, poll_id)
    for (const reply of [...replies, later]) assert.deepEqual([reply.status, reply.data], ['OK', replies[0]!.data])
    assert.deepEqual(await registered(), [1, 1])
  })

  it('that asks anew while it waits, waits under the same number', async () => {
    const product = oldAgent()
    const first = await product.say('REGISTRATION', product.applies(token))
    const second = await product.say('REGISTRATION', product.applies(token))
    assert.equal(second.response.poll_id, first.response.poll_id)
  })

  it('is refused at once where waiting would not help', async () => {
    const product = oldAgent()
    assert.equal((await product.say('REGISTRATION', product.applies('nonsense'))).message_code, 'TOKEN_INVALID')
    const { secret } = await newToken(open.context, home, { days: 1 })
    open.clock.advance(day)
    assert.equal((await product.say('REGISTRATION', product.applies(secret))).message_code, 'TOKEN_EXPIRED')
  })

  it('presented its token in time although the token ends while it waits; a revoked one lets nobody in', async () => {
    const short = await newToken(open.context, home, { days: 1 })
    const revoked = await newToken(open.context, home)
    const [patient, unlucky] = [oldAgent(), oldAgent()]
    const first = await patient.say('REGISTRATION', patient.applies(short.secret))
    const second = await unlucky.say('REGISTRATION', unlucky.applies(revoked.secret))
    open.clock.advance(day + hour)
    await revokeRegistrationToken(open.context, administrator, { localAccountId: home.account.id, id: revoked.token.id })
    await insertThreeTierCertificate(open.context, home.account)
    assert.equal((await poll(patient, first.response.poll_id)).status, 'OK')
    const refused = await poll(unlucky, second.response.poll_id)
    assert.equal(refused.message, `{"token":["The token '${revoked.secret.slice(0, 64)}' is not valid."]}`)
  })

  it("hears nothing of another's poll: neither by its number nor with its name", async () => {
    const [product, stranger] = [oldAgent(), oldAgent()]
    const { poll_id } = (await product.say('REGISTRATION', product.applies(token))).response
    await stranger.say('REGISTRATION', stranger.applies(token))
    await insertThreeTierCertificate(open.context, home.account)
    assert.equal((await poll(stranger, poll_id)).message_code, 'UNKNOWN_POLL')
    const sudi = { header: { sudi: product.sudi }, common: { sudi: product.sudi } }
    assert.equal((await stranger.say('POLL', { poll_id, action: 'registration' }, sudi)).message_code, 'BAD_SIGNATURE')
    for (const unknown of [0, 99, Number.MAX_SAFE_INTEGER]) assert.equal((await poll(product, unknown)).message_code, 'UNKNOWN_POLL')
    for (const wrong of ['1', null, -1, 1.5, [1]]) {
      assert.match(String((await poll(product, wrong)).message_code), /UNKNOWN_POLL|MALFORMED/)
    }
  })

  it('whose result is older than seven days starts again', async () => {
    const product = oldAgent()
    const { poll_id } = (await product.say('REGISTRATION', product.applies(token))).response
    await deletePollsBefore(open.context.storage.db, new Date(open.clock.now().getTime() + 1))
    assert.equal((await poll(product, poll_id)).message_code, 'UNKNOWN_POLL')
  })

  it("leaves no secret behind while it waits: the token's own is not in the row", async () => {
    const product = oldAgent()
    await product.say('REGISTRATION', product.applies(token))
    const { request } = await open.context.storage.db('polls').where({ local_account_id: home.account.id }).first()
    const secret = Buffer.from(token, 'base64').toString('latin1').split('|')[1]!
    const kept = JSON.stringify(request) + Buffer.from(request.shownToken, 'base64').toString('latin1')
    for (let at = 0; at + 8 <= secret.length; at++) assert.equal(kept.includes(secret.slice(at, at + 8)), false)
  })

  it('and one that says nothing of itself, or has MULTITIER, is registered at once', async () => {
    for (const connectInfo of [null, { ...threeTier, capabilities: [] }, { ...threeTier, capabilities: ['MULTITIER'] }]) {
      const product = open.product()
      product.connectInfo = connectInfo
      assert.equal((await product.register(token)).status, 'OK')
    }
  })

  it('waits for its own account and not for another', async () => {
    const other = await registeredAccount(open.context)
    await insertThreeTierCertificate(open.context, other.account)
    const [here, there] = [oldAgent(), oldAgent()]
    const { secret } = await newToken(open.context, other)
    assert.equal((await here.say('REGISTRATION', here.applies(token))).status, 'OK_POLL')
    assert.equal((await there.say('REGISTRATION', there.applies(secret))).status, 'OK')
  })
})
