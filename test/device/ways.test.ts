import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { certificateRequest } from '../support/csr.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import type { Reply, TestProduct, Way } from '../support/product.ts'

const ways = (['smart', 'callhome'] as const).flatMap(transport =>
  [false, true].flatMap(secure =>
    ['127.0.0.1', '[::1]'].map((host): Way & { name: string } => ({
      name: `${transport === 'smart' ? 'Smart Transport' : 'Call Home'} over ${secure ? 'HTTPS' : 'HTTP'} on ${host === '[::1]' ? 'IPv6' : 'IPv4'}`,
      transport,
      secure,
      host,
    })),
  ),
)

/** Every message by every way: the transports, TLS and the addresses carry the same thing. */
describe('every message', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 1000 })
  })
  after(() => open.close())

  const line = { line: 1, source: 'PAK', sku: 'L-ADV', feature: 'adv', count: 1, tag: null, serial: 'FOX', proof: null }

  /** The messages of a product's life, each with the status it gets; a reply repeats what identifies its request. */
  async function live(product: TestProduct): Promise<void> {
    const answered = (reply: Reply, type: string, status: string) => {
      assert.deepEqual([reply.status, reply.header.request_type, reply.header.nonce], [status, type, reply.nonce], reply.message ?? type)
      return reply
    }
    const say = async (type: string, data: Record<string, unknown>, status = 'OK') => answered(await product.say(type, data), type, status)

    answered(await product.say('HELLO', {}, { signer: null }), 'HELLO', 'OK')
    product.keep((await say('REGISTRATION', product.applies(open.token))).data)
    await say('REGISTRATION', product.applies(open.token), 'FAILED')
    await say('REGISTRATION_ACK', { id_cert_serial_number: product.serial })
    await say('HELLO', {})
    await say('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 2]]))
    const asked = await say('DLC', { conversion_id: randomUUID(), conversions: [line] }, 'OK_POLL')
    await say('POLL', { poll_id: asked.response.poll_id, action: 'conversion' }, 'OK_POLL')
    await say('POLL', { poll_id: 999_999, action: 'conversion' }, 'FAILED')
    product.keep((await say('ID_CERT_RENEWAL', { csr: certificateRequest(product.keys) })).data)
    await say('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 1]]))
    product.keep((await say('REGISTRATION', product.applies(open.token, { force: true }))).data)
    await say('DEREGISTRATION', {})
    await say('DEREGISTRATION', {}, 'FAILED')
  }

  for (const { name, ...way } of ways) {
    it(`goes by ${name}`, () => live(open.product({ way })))
  }

  it('is answered in the version it was asked in, from the lowest on', async () => {
    for (const version of ['1.0', '1.1', '1.2', '1.3']) {
      const product = open.product()
      const header = { version }
      const registered = await product.say('REGISTRATION', product.applies(open.token), { header })
      product.keep(registered.data)
      const replies = [
        registered,
        await product.say('REGISTRATION_ACK', { id_cert_serial_number: product.serial }, { header }),
        await product.report([[lots.tags.ADVANTAGE, 1]], { header }),
        await product.say('ID_CERT_RENEWAL', { csr: certificateRequest(product.keys) }, { header }),
        await product.say('DEREGISTRATION', {}, { header }),
      ]
      assert.deepEqual(
        replies.map(reply => [reply.status, reply.header.version]),
        replies.map(() => ['OK', version]),
      )
    }
  })

  it('in a version that is too high is told the highest, and gets through with that', async () => {
    const product = open.product()
    const tooHigh = await product.say('REGISTRATION', product.applies(open.token), { header: { version: '9.0' } })
    assert.deepEqual([tooHigh.status, tooHigh.header.version], ['VERSION_TOO_HIGH', '1.3'])
    const { version } = JSON.parse(tooHigh.message!)
    assert.equal((await product.say('REGISTRATION', product.applies(open.token), { header: { version: version[0] } })).status, 'OK')
    assert.equal((await product.say('HELLO', {}, { header: { version: '0.9' } })).message_code, 'MALFORMED')
  })

  it('may change its way at any time, and a message that comes again by another way gets the same answer', async () => {
    const product = open.product({ way: ways[0] })
    await product.register(open.token)
    for (const { name, ...way } of ways) {
      assert.equal((await product.say('HELLO', {}, {}, way)).status, 'OK', name)
    }
    const text = product.compose('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 3]]))
    const replies = []
    for (const { name: _, ...way } of ways) replies.push((await product.send(text, way)).body)
    assert.equal(new Set(replies).size, 1)
  })
})
