import assert from 'node:assert/strict'
import { newToken } from '../support/account.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import type { Way } from '../support/product.ts'

describe('a message that comes again', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 100 })
  })
  after(() => open.close())

  it('gets the same reply, byte for byte, and acts once: registration', async () => {
    const product = open.product({ rsa: true })
    const text = product.compose('REGISTRATION', product.applies(open.token))
    const first = await product.send(text)
    const rows = await open.rows()
    for (const way of [{}, { secure: true }, { transport: 'callhome' }] as Way[])
      assert.equal((await product.send(text, way)).body, first.body)
    assert.deepEqual(await open.rows(), rows)
  })

  it('gets the same reply, and acts once: every message of a registered product', async () => {
    const product = open.product()
    await product.register(open.token)
    const csr = product.applies('').csr
    const messages: [string, Record<string, unknown>][] = [
      ['REGISTRATION_ACK', { id_cert_serial_number: product.serial }],
      ['HELLO', {}],
      ['AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 2]])],
      ['ID_CERT_RENEWAL', { csr }],
      ['POLL', { poll_id: 1, action: 'registration' }],
      ['AUTHORIZATION', { entitlement_version: 'wrong' }],
    ]
    for (const [type, data] of messages) {
      const text = product.compose(type, data)
      const first = await product.send(text)
      const rows = await open.rows()
      assert.equal((await product.send(text)).body, first.body, type)
      assert.deepEqual(await open.rows(), rows, type)
    }
  })

  it('gets the same reply although a later report has come since', async () => {
    const product = await open.product().settle(open.token)
    const text = product.compose('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 1]]))
    const first = await product.send(text)
    await product.report([[lots.tags.ADVANTAGE, 7]])
    assert.equal((await product.send(text)).body, first.body)
    const { quantity } = await open.context.storage.db('usage').where({ product_instance_id: product.id }).first()
    assert.equal(quantity, 7)
  })

  it('is refused when anything in it changed, and a refusal is remembered like any answer', async () => {
    const product = open.product()
    const same = { header: { nonce: '4711' }, request: { nonce: '4711' }, common: { nonce: '4711' } }
    const bad = await product.say('REGISTRATION', product.applies('nonsense'), same)
    assert.equal(bad.message_code, 'TOKEN_INVALID')
    const good = await product.say('REGISTRATION', product.applies(open.token), same)
    assert.equal(good.message_code, 'REPLAY')
    assert.equal((await product.register(open.token)).status, 'OK', 'a new nonce is a new message')
  })

  it('belongs to its sender: another may use the same nonce', async () => {
    const same = { header: { nonce: '1' }, request: { nonce: '1' }, common: { nonce: '1' } }
    for (const product of [await open.product().settle(open.token), await open.product().settle(open.token)]) {
      assert.equal((await product.say('HELLO', {}, same)).status, 'OK')
    }
  })

  it('acts once when its copies come at the same moment: registration', async () => {
    const { token, secret } = await newToken(open.context, open.home)
    const product = open.product()
    const text = product.compose('REGISTRATION', product.applies(secret))
    const replies = await Promise.all(Array.from({ length: 8 }, () => product.send(text)))
    assert.deepEqual(new Set(replies.map(reply => reply.response.response_data)).size, 1)
    assert.equal(replies[0]!.status, 'OK')
    const { db } = open.context.storage
    assert.equal((await db('registration_tokens').where({ id: token.id }).first()).uses, 1)
    assert.equal((await db('certificates').where({ product_instance_id: replies[0]!.data.product_instance_identifier })).length, 1)
  })

  it('acts once when its copies come at the same moment: a forced registration, a renewal, a report, a leave', async () => {
    const { token, secret } = await newToken(open.context, open.home)
    const product = await open.product().settle(secret)
    const burst = async (type: string, data: Record<string, unknown>) => {
      const text = product.compose(type, data)
      const replies = await Promise.all(Array.from({ length: 6 }, () => product.send(text)))
      assert.deepEqual([...new Set(replies.map(reply => `${reply.status} ${reply.response.response_data}`))].length, 1, type)
      return replies[0]!
    }
    const { db } = open.context.storage
    product.keep((await burst('REGISTRATION', product.applies(secret, { force: true }))).data)
    assert.equal((await db('registration_tokens').where({ id: token.id }).first()).uses, 2)
    assert.equal((await burst('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 3]]))).data.overall_status, 'AUTHORIZED')
    await burst('ID_CERT_RENEWAL', { csr: product.applies('').csr })
    assert.equal((await db('certificates').where({ product_instance_id: product.id })).length, 2)
    const left = product.compose('DEREGISTRATION', {})
    const answers = await Promise.all(Array.from({ length: 6 }, () => product.send(left)))
    assert.ok(answers.some(reply => reply.status === 'OK'))
    for (const reply of answers) assert.match(`${reply.status}${reply.message_code}`, /^OKnull$|^FAILEDUNKNOWN_INSTANCE$/)
    assert.equal((await db('tombstones').where({ product_instance_id: product.id })).length, 1)
  })
})
