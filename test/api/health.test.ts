import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { writeMetrics } from '../../src/api/metrics.ts'
import { makeSecretBox } from '../../src/pki/secretBox.ts'
import { day } from '../../src/rules/clock.ts'
import { type ApiSite, openApiSite, serveApi } from '../support/apiSite.ts'
import { insertLots } from '../support/lots.ts'
import { standProduct, useLicenses } from '../support/upstream.ts'

describe('the health of the server', () => {
  let site: ApiSite
  before(async () => {
    site = await openApiSite({ deviceMessages: () => [{ type: 'REGISTRATION', transport: 'call-home', result: 'OK', count: 7 }] })
  })
  after(() => site.close())

  it('is told to everybody who asks', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const { status, json } = await site.send('GET', path)
      assert.deepEqual([status, json.status], [200, 'SUCCESS'])
      assert.equal((await site.send('HEAD', path)).status, 200)
    }
  })

  it('says what is in the way, a database that is gone or a key that is another’s, and nothing of where they are', async () => {
    const troubles: [string, Partial<typeof site.context>, RegExp][] = [
      ['keys', { secrets: makeSecretBox(createSecretKey(randomBytes(32))) }, /key of the server/],
      [
        'database',
        { storage: { ...site.context.storage, check: () => Promise.reject(new Error('at 10.1.2.3 as keeper')) } },
        /does not answer/,
      ],
    ]
    for (const [name, bent, sentence] of troubles) {
      const served = await serveApi({ ...site.context, ...bent })
      const { status, json, body } = await served.send('GET', '/health/ready')
      assert.deepEqual([status, json.status], [503, 'ERROR'])
      assert.match(json.statusMessage, sentence)
      assert.deepEqual(
        json.checks.filter((check: { healthy: boolean }) => !check.healthy).map((check: { name: string }) => check.name),
        [name],
      )
      assert.ok(!body.includes('keeper'))
      assert.equal((await served.send('GET', '/health/live')).status, 200)
      await served.close()
    }
  })

  it('says that a database has not been migrated', async () => {
    const { db } = site.context.storage
    const [last] = await db('migrations').orderBy('id', 'desc').limit(1)
    await db('migrations').where({ id: last.id }).delete()
    const served = await serveApi({ ...site.context })
    const { status, json } = await served.send('GET', '/health/ready')
    await db('migrations').insert(last)
    await served.close()
    assert.equal(status, 503)
    assert.match(json.statusMessage, /schema of this release/)
  })

  it('is measured for those who may read the metrics', async () => {
    const { routing } = (await insertLots(site.context, site.home, { routing: 3 })).tags
    const id = await standProduct(site, site.home.account)
    await useLicenses(site, site.home.account, id, { [routing]: 5 })
    site.clock.advance(12 * day)
    const token = await site.token({ scopes: ['metrics'] })
    const { status, headers, body } = await site.send('GET', '/metrics', { token })
    assert.deepEqual([status, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8'])
    for (const line of [
      'quartermaster_device_messages_total{type="REGISTRATION",transport="call-home",result="OK"} 7',
      'quartermaster_product_instances{account="Example Lab",state="REGISTERED"} 1',
      'quartermaster_licenses_purchased{account="Example Lab"} 3',
      'quartermaster_licenses_in_use{account="Example Lab"} 5',
      'quartermaster_licenses_short{account="Example Lab"} 2',
      'quartermaster_tags_out_of_compliance{account="Example Lab"} 1',
      'quartermaster_alerts_open{account="Example Lab",severity="major"} 1',
      `quartermaster_synchronization_age_seconds{account="Example Lab"} ${(12 * day) / 1000}`,
    ]) {
      assert.ok(body.split('\n').includes(line), `${line} is not in\n${body}`)
    }
  })

  it('is written as OpenMetrics for those who want that', async () => {
    const token = await site.token({ scopes: ['metrics'] })
    const headers = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' }
    const answer = await site.send('GET', '/metrics', { token, headers })
    assert.match(answer.headers['content-type']!, /^application\/openmetrics-text; version=1\.0\.0/)
    assert.match(answer.body, /^# TYPE quartermaster_device_messages counter$/m)
    assert.match(answer.body, /^quartermaster_device_messages_total\{/m)
    assert.ok(answer.body.endsWith('# EOF\n'))
  })

  it('is written so that no name of an account can break a line', () => {
    const family = { name: 'x', help: 'X.', type: 'gauge' as const, samples: [{ labels: { account: 'a"b\\c\nd' }, value: 1 }] }
    assert.equal(writeMetrics([family], false).split('\n')[2], 'x{account="a\\"b\\\\c\\nd"} 1')
  })
})
