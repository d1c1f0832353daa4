import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import type { Reply, TestProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

/** "force=true -> keep PIID, new cert, old cert dead at once" (wire-device 5.5), also for what was let in before and not yet done. */
describe('a message under a certificate that a forced registration ends at the same moment', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>

  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 100 })
  })
  after(() => open.close())

  /** How many of the door's statements wait for a lock. */
  async function waiting(): Promise<number> {
    const { rows } = await open.context.storage.db.raw(
      `select count(*)::integer as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows[0].count
  }

  /** Sends a message under the old certificate while the forced registration waits for the instance's row, ahead of it. */
  async function race(product: TestProduct, type: string, data: Record<string, unknown>): Promise<Reply> {
    const { db } = open.context.storage
    const late = product.compose(type, data)
    const newer = open.product({ sudi: product.sudi })
    const tx = await db.transaction()
    await tx('product_instance_contacts').where({ product_instance_id: product.id }).forUpdate()
    const registered = newer.register(open.token, { force: true })
    await until(async () => (await waiting()) === 1)
    const answered = product.send(late)
    await until(async () => (await waiting()) === 2)
    await tx.commit()
    await registered
    assert.equal(newer.id, product.id)
    return answered
  }

  it('does not count: a report', async () => {
    const product = await open.product().settle(open.token)
    product.version = 50
    await product.report([[lots.tags.ADVANTAGE, 4]])
    const reply = await race(product, 'AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 9]]))
    assert.equal(reply.message_code, 'UNKNOWN_INSTANCE')
    const usage = await open.context.storage.db('usage').where({ product_instance_id: product.id })
    assert.deepEqual(
      usage.map(row => row.quantity),
      [4],
      '"usage kept until next AUTHORIZATION"',
    )
    const contact = await open.context.storage.db('product_instance_contacts').where({ product_instance_id: product.id }).first()
    assert.equal(contact.entitlement_version, 0, 'the new registration counts its reports from the beginning')
  })

  it('does not count: a leave', async () => {
    const product = await open.product().settle(open.token)
    assert.equal((await race(product, 'DEREGISTRATION', {})).message_code, 'UNKNOWN_INSTANCE')
    assert.equal((await open.context.storage.db('product_instances').where({ id: product.id })).length, 1)
  })

  it('does not count: a renewal', async () => {
    const product = await open.product().settle(open.token)
    const reply = await race(product, 'ID_CERT_RENEWAL', { csr: product.applies('').csr })
    assert.equal(reply.message_code, 'UNKNOWN_INSTANCE')
    assert.equal((await open.context.storage.db('certificates').where({ product_instance_id: product.id })).length, 1)
  })

  it('does not count: an acknowledgement, which makes nothing of the new registration', async () => {
    const product = await open.product().settle(open.token)
    const reply = await race(product, 'REGISTRATION_ACK', { id_cert_serial_number: product.serial })
    assert.equal(reply.message_code, 'UNKNOWN_INSTANCE')
    assert.equal((await open.context.storage.db('product_instances').where({ id: product.id }).first()).state, 'PENDING_ACK')
  })

  it('does not count: a greeting', async () => {
    const product = await open.product().settle(open.token)
    assert.equal((await race(product, 'HELLO', {})).message_code, 'UNKNOWN_INSTANCE')
  })

  it('does not count: a wish for a conversion, of which nothing is kept', async () => {
    const product = await open.product().settle(open.token)
    const line = { line: 1, source: 'PAK', sku: 'EX-1', feature: null, count: 2, tag: null, serial: 'FOX1', proof: 'secret' }
    const reply = await race(product, 'DLC', { conversion_id: randomUUID(), conversions: [line] })
    assert.equal(reply.message_code, 'UNKNOWN_INSTANCE')
    assert.deepEqual(await open.context.storage.db('conversions').where({ product_instance_id: product.id }), [])
  })
})
