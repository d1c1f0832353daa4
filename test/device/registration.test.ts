import assert from 'node:assert/strict'
import { removeProductInstance } from '../../src/licensing/removeProductInstance.ts'
import { day } from '../../src/rules/clock.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { administrator, newToken } from '../support/account.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { softwareTag } from '../support/product.ts'

describe('a product registers', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 100 })
  })
  after(() => open.close())

  const row = (id: string | null) => open.context.storage.db('product_instances').where({ id }).first()
  const counters = (localVirtualAccountId: number) =>
    open.context.storage
      .db('authorizations')
      .where({ local_virtual_account_id: localVirtualAccountId, tag_id: lots.ids.ADVANTAGE })
      .first('in_use', 'instances')

  it('and its token counts no more uses than its maximum, however many come at once', async () => {
    const { token, secret } = await newToken(open.context, open.home, { maximumUses: 5 })
    const products = Array.from({ length: 12 }, () => open.product())
    const replies = await Promise.all(products.map(product => product.say('REGISTRATION', product.applies(secret))))
    const results = Object.groupBy(replies, reply => reply.message_code ?? reply.status)
    assert.deepEqual([results.OK?.length, results.TOKEN_USAGE_EXCEEDED?.length], [5, 7])
    assert.equal((await open.context.storage.db('registration_tokens').where({ id: token.id }).first()).uses, 5)
    assert.equal((await open.context.storage.db('product_instances').where({ registration_token_id: token.id })).length, 5)
  })

  it('and is known by its hostname, else by its UDI: a name that is withheld is nowhere', async () => {
    const [named, unnamed, blank] = [open.product({ hostname: 'core-1' }), open.product({ hostname: null }), open.product({ hostname: '' })]
    for (const product of [named, unnamed, blank]) await product.register(open.token)
    assert.deepEqual([(await row(named.id)).name, (await row(named.id)).hostname], ['core-1', 'core-1'])
    for (const product of [unnamed, blank]) {
      const { name, hostname, devices } = await row(product.id)
      assert.deepEqual([name, hostname], [`PID:EX-R1000,SN:${product.sudi.udi_serial_number}`, null])
      assert.deepEqual(
        devices.map((device: { hostname: unknown }) => device.hostname),
        [null],
      )
    }
  })

  it('and the reply says whether export-controlled functionality is allowed', async () => {
    const { secret } = await newToken(open.context, open.home, { exportControlled: true })
    const product = open.product()
    assert.equal((await product.register(secret)).data.export_controlled, 'ALLOWED')
    assert.equal((await row(product.id)).export_controlled, true)
  })

  it('with all its devices: each may speak for it, and the certificate names each', async () => {
    const product = open.product({ rsa: true })
    const standby = { udi_pid: 'EX-R1000', udi_serial_number: 'FOX-STANDBY' }
    const device_list = [
      { sudi: standby, hostname: 'b', role: 'Standby' },
      { sudi: product.sudi, hostname: 'a', software_tag_identifier: softwareTag, role: 'Active' },
    ]
    const { data } = await product.register(open.token, { device_list })
    const { subjectAltName } = new (await import('node:crypto')).X509Certificate(data.id_cert as string)
    assert.equal(subjectAltName, `URI:urn:udi:EX-R1000:FOX-STANDBY, URI:urn:udi:EX-R1000:${product.sudi.udi_serial_number}`)
    assert.equal((await row(product.id)).udi_serial_number, product.sudi.udi_serial_number)
    assert.equal((await product.report([], { header: { sudi: standby }, common: { sudi: standby } })).status, 'OK')
  })

  it('for itself, not for a list of others', async () => {
    const product = open.product()
    const device_list = [{ sudi: { udi_pid: 'EX-R1000', udi_serial_number: 'OTHER' }, role: 'Active' }]
    const { message } = await product.say('REGISTRATION', product.applies(open.token, { device_list }))
    assert.equal(message, '{"device_list":["Must have the device that sends the message."]}')
  })

  it('again with force: it keeps its identifier and its usage, and its old certificate is dead at once', async () => {
    const product = await open.product().settle(open.token)
    await product.report([[lots.tags.ADVANTAGE, 4]])
    const before = await counters(open.home.place.id)
    const old = { id: product.id, serial: product.serial, keys: product.keys }
    product.keys = product.newKeys()
    await product.register(open.token, { force: true })
    assert.equal(product.id, old.id)
    assert.notEqual(product.serial, old.serial)
    assert.equal((await row(product.id)).state, 'PENDING_ACK')
    assert.deepEqual(await counters(open.home.place.id), before)
    const late = await product.report([], { signer: old.keys.privateKey, header: { id_cert_serial_number: old.serial } })
    assert.equal(late.message_code, 'UNKNOWN_INSTANCE')
    product.version = 0
    assert.equal((await product.report([[lots.tags.ADVANTAGE, 1]])).status, 'OK', 'it counts its reports from the beginning')
    assert.equal((await row(product.id)).state, 'REGISTERED', 'and any message is the acknowledgement')
  })

  it('again into another Local Virtual Account, and what it uses goes with it', async () => {
    const now = open.clock.now()
    const branch = await insertLocalVirtualAccount(open.context.storage.db, {
      localAccountId: open.home.account.id,
      name: 'Branch',
      createdAt: now,
    })
    const { secret } = await newToken(open.context, { account: open.home.account, place: branch })
    const product = await open.product().settle(open.token)
    await product.report([[lots.tags.ADVANTAGE, 4]])
    const before = await counters(open.home.place.id)
    await product.register(secret, { force: true })
    assert.deepEqual(await counters(branch.id), { in_use: 4, instances: 1 })
    assert.deepEqual(await counters(open.home.place.id), { in_use: before.in_use - 4, instances: before.instances - 1 })
  })

  it('again in a crowd, known ones by force and new ones beside them: each keeps what is its own', async () => {
    const crowd = await Promise.all(Array.from({ length: 6 }, () => open.product().settle(open.token)))
    for (const [index, product] of crowd.entries()) await product.report([[lots.tags.ADVANTAGE, index + 1]])
    const before = await counters(open.home.place.id)
    const late = crowd.map(product => product.compose('HELLO', {}))
    const known = crowd.map(product => ({ id: product.id, serial: product.serial }))
    const fresh = [open.product(), open.product()]
    await Promise.all([
      ...crowd.map(product => product.register(open.token, { force: true })),
      ...fresh.map(one => one.register(open.token)),
    ])
    assert.deepEqual(
      crowd.map(product => product.id),
      known.map(one => one.id),
    )
    assert.ok(crowd.every((product, index) => product.serial !== known[index]!.serial))
    assert.deepEqual(await counters(open.home.place.id), before, '"usage kept until next AUTHORIZATION"')
    for (const [index, product] of crowd.entries()) {
      assert.equal((await product.send(late[index]!)).message_code, 'UNKNOWN_INSTANCE', 'its old certificate is dead')
      assert.equal((await product.report([])).status, 'OK')
    }
    for (const one of fresh) assert.equal((await one.say('HELLO')).status, 'OK')
  })

  it('again without force when its certificate has ended, and what it used is free', async () => {
    for (const flipped of [false, true]) {
      const product = await open.product().settle(open.token)
      await product.report([[lots.tags.ADVANTAGE, 2]])
      const before = await counters(open.home.place.id)
      await open.context.storage.db('certificates').where({ product_instance_id: product.id }).update({ not_after: open.clock.now() })
      if (flipped) {
        assert.equal((await product.report([])).message_code, 'ID_CERT_EXPIRED')
        assert.equal((await row(product.id)).state, 'EXPIRED')
        assert.equal((await counters(open.home.place.id)).in_use, before.in_use - 2)
      }
      const id = product.id
      await product.register(open.token)
      assert.equal(product.id, id)
      assert.equal((await row(product.id)).state, 'PENDING_ACK')
      assert.equal((await counters(open.home.place.id)).in_use, before.in_use - 2)
    }
  })

  it('and when a person removes it, its licenses are free at once', async () => {
    const product = await open.product().settle(open.token)
    const before = await counters(open.home.place.id)
    await product.report([[lots.tags.ADVANTAGE, 6]])
    await removeProductInstance(open.context, administrator, { localAccountId: open.home.account.id, id: product.id! })
    assert.deepEqual(await counters(open.home.place.id), before)
    const [event] = await open.context.storage.db('events').where({ product_instance_id: product.id, kind: 'product instance removed' })
    assert.deepEqual([event.who, event.message], ['ada', `${product.hostname} was removed and its licenses are free: Removed by a person.`])
  })

  it('and a lost acknowledgement is made up for by any message under the new certificate', async () => {
    for (const [type, data] of [
      ['HELLO', {}],
      ['AUTHORIZATION', { entitlement_version: 1, entitlements: [] }],
    ] as const) {
      const product = open.product()
      await product.register(open.token)
      assert.equal((await row(product.id)).state, 'PENDING_ACK')
      await product.say(type, data)
      const { state, acknowledged_at } = await row(product.id)
      assert.deepEqual([state, acknowledged_at], ['REGISTERED', open.clock.now()])
    }
  })

  it('and an acknowledgement names the certificate that signs it', async () => {
    const product = open.product()
    await product.register(open.token)
    const reply = await product.say('REGISTRATION_ACK', { id_cert_serial_number: '1' })
    assert.equal(reply.message_code, 'MALFORMED')
    assert.equal((await row(product.id)).state, 'PENDING_ACK')
  })

  it('and renews twice without an acknowledgement: the later certificate is the only new one', async () => {
    const product = await open.product().settle(open.token)
    const first = (await product.say('ID_CERT_RENEWAL', { csr: product.applies('').csr })).data
    const second = (await product.say('ID_CERT_RENEWAL', { csr: product.applies('').csr })).data
    const under = (data: Record<string, unknown>) =>
      product.say('HELLO', {}, { header: { id_cert_serial_number: data.id_cert_serial_number } })
    assert.equal((await under(first)).message_code, 'UNKNOWN_INSTANCE')
    assert.equal((await product.say('HELLO')).status, 'OK', 'the old one still works')
    assert.equal((await under(second)).status, 'OK')
    assert.equal((await product.say('HELLO')).message_code, 'UNKNOWN_INSTANCE', 'until the new one was used')
  })

  it('and its old certificate ends by itself while the new one holds: it is not taken for expired', async () => {
    const product = await open.product().settle(open.token)
    const renewed = (await product.say('ID_CERT_RENEWAL', { csr: product.applies('').csr })).data
    const { db } = open.context.storage
    await db('certificates').where({ serial: product.serial }).update({ not_after: open.clock.now() })
    assert.equal((await product.say('HELLO')).message_code, 'ID_CERT_EXPIRED')
    assert.equal((await row(product.id)).state, 'REGISTERED')
    product.keep(renewed)
    assert.equal((await product.say('HELLO')).status, 'OK')
  })

  it('and after 365 days without renewal it is none any more', async () => {
    const product = await open.product().settle(open.token)
    open.clock.advance(365 * day)
    await open.context.storage.db('local_accounts').update({ last_synchronized_at: open.clock.now() })
    const reply = await product.report([])
    open.clock.advance(-365 * day)
    await open.context.storage.db('local_accounts').update({ last_synchronized_at: open.clock.now() })
    assert.equal(reply.message_code, 'ID_CERT_EXPIRED')
    assert.equal((await row(product.id)).state, 'EXPIRED')
  })
})
