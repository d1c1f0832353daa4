import assert from 'node:assert/strict'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { until } from '../support/until.ts'

/** What was acknowledged is durable, and what was not is answered when it is sent again (wire-device 5.4). */
describe('a message under which the database goes away', () => {
  let open: OpenDoor
  let lots: TestLots<'ADVANTAGE'>
  before(async () => {
    open = await openTestDoor()
    lots = await insertLots(open.context, open.home, { ADVANTAGE: 100 })
  })
  after(() => open.close())

  it('gets no signed reply, and is answered once when the same bytes come again', async () => {
    const { db } = open.context.storage
    const product = await open.product().settle(open.token)
    const text = product.compose('AUTHORIZATION', product.usage([[lots.tags.ADVANTAGE, 4]]))
    const tx = await db.transaction()
    await tx('product_instance_contacts').where({ product_instance_id: product.id }).forUpdate()
    const broken = product.post(text)
    const waits = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await until(async () => (await db.raw(`select 1 ${waits}`)).rows.length === 1)
    await db.raw(`select pg_terminate_backend(pid) ${waits}`)
    const { status, headers, body } = await broken
    assert.deepEqual([status, headers['retry-after'], body], [503, '60', '{"server":["This server cannot answer now."]}'])
    await tx.rollback()
    const [answered, again] = [await product.send(text), await product.send(text)]
    assert.deepEqual([answered.status, again.body], ['OK', answered.body])
    assert.deepEqual(await db('authorizations').where({ tag_id: lots.ids.ADVANTAGE }).pluck('in_use'), [4])
  })
})
