import assert from 'node:assert/strict'
import { day, later } from '../../src/rules/clock.ts'
import { agenda } from '../../src/schedule/agenda.ts'
import { paths } from '../../src/web/paths.ts'
import { openRail, type Rail } from '../support/rail.ts'

const { licensing } = paths

describe('alerts of ending licenses and silent product instances', () => {
  let rail: Rail
  before(async () => {
    rail = await openRail(40)
  })
  after(() => rail.close())

  const db = () => rail.context.storage.db
  const settle = async () => {
    const entry = agenda.find(({ name }) => name.startsWith('Raise and clear the alerts of licenses'))!
    const now = rail.clock.now()
    await rail.context.storage.transaction(tx => entry.work(tx, { since: now, now }, rail.context))
  }
  const open = async (kind: string): Promise<{ subject: string; message: string; severity: string }[]> =>
    db()('alerts').where({ local_account_id: rail.fleet.localAccountId, kind }).whereNull('cleared_at').orderBy('subject')
  const campus = () => rail.fleet.places.Campus
  const report = (days: number, ids: string[]) =>
    db()('product_instance_contacts')
      .whereIn('product_instance_id', ids)
      .update({ last_reported_at: later(rail.clock.now(), -days * day) })

  it('are raised once, grow more severe, turn into another when the day has come, and are cleared', async () => {
    await db()('entitlements').update({ ends_at: null })
    const lot = await db()('entitlements').where('quantity', '>', 0).first()
    await db()('entitlements')
      .where({ license_id: lot.license_id })
      .update({ ends_at: later(rail.clock.now(), 70 * day) })
    const told = []
    for (let step = 0; step < 5; step++) {
      await settle()
      await settle()
      told.push([(await open('licenses expiring')).map(each => each.severity), (await open('licenses expired')).map(each => each.severity)])
      rail.clock.advance(27 * day)
    }
    assert.deepEqual(told, [
      [['info'], []],
      [['minor'], []],
      [['major'], []],
      [[], ['major']],
      [[], []],
    ])
  })

  it('tell of silent product instances by Local Virtual Account, and no more when they report or are removed', async () => {
    const all: string[] = await db()('product_instances').pluck('id')
    await report(1, all)
    const ids: string[] = await db()('product_instances')
      .where({ local_virtual_account_id: campus() })
      .whereNot({ state: 'EXPIRED' })
      .limit(3)
      .pluck('id')
    await report(61, ids.slice(0, 2))
    await report(91, ids.slice(2))
    await settle()
    assert.deepEqual(
      [...(await open('product instances failed to connect')), ...(await open('product instances failed to renew'))].map(
        ({ subject, message }) => [subject, message.split(' has')[0]!.split(' have')[0]],
      ),
      [
        [String(campus()), '2 product instances'],
        [String(campus()), '1 product instance'],
      ],
    )
    await report(0, ids.slice(0, 1))
    await db()('product_instances').where({ id: ids[2] }).delete()
    await settle()
    assert.equal((await open('product instances failed to renew')).length, 0)
    assert.match((await open('product instances failed to connect'))[0]!.message, /^1 product instance has/)
  })

  it('lead to the silent ones, whom the list finds by state, place and text', async () => {
    const sam = await rail.signedIn('Sam')
    const alerts = (await sam.get(licensing.alerts(rail.fleet.uuid))).text
    const path = /href="([^"]+contact=failed[^"]*)"/.exec(alerts)![1]!.replaceAll('&amp;', '&')
    const rows = (text: string) => [...text.matchAll(/id="i[0-9a-f-]{36}"/g)].length
    assert.equal(rows((await sam.get(path)).text), 1)
    const silent = await db()('silent_product_instances').first()
    const { name } = await db()('product_instances').where({ id: silent.product_instance_id }).first()
    assert.equal(rows((await sam.get(`${path}&search=${name}`)).text), 1)
    assert.equal(rows((await sam.get(`${path}&search=nobody`)).text), 0)
    assert.equal(rows((await sam.get(`${path}&state=EXPIRED`)).text), 0)
    const file = (await sam.get(`${licensing.productInstancesFile(rail.fleet.uuid, 'csv')}?contact=failed`)).text
    assert.equal(file.trim().split('\r\n').length, 2)
  })

  it('are seen by whoever has a role where they are', async () => {
    await db()('silent_product_instances').delete()
    const [id] = await db()('product_instances')
      .where({ local_virtual_account_id: rail.fleet.places.Default })
      .whereNot({ state: 'EXPIRED' })
      .pluck('id')
    await report(61, [id])
    await settle()
    const victor = await rail.signedIn('Victor')
    const { text } = await victor.get(licensing.alerts(rail.fleet.uuid))
    assert.match(text, /1 product instance has not reported for 60 days/)
    assert.equal(text.match(/not reported for 60 days/g)!.length, 1)
  })
})
