import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { trustAuthorities } from '../../src/administration/network/trustAuthorities.ts'
import { addReceiver, type ReceiverWish } from '../../src/administration/receivers/addReceiver.ts'
import { changeReceiver, renewReceiverKey } from '../../src/administration/receivers/changeReceiver.ts'
import { removeReceiver } from '../../src/administration/receivers/removeReceiver.ts'
import { resendNotice } from '../../src/administration/receivers/resendNotice.ts'
import { sendTestNotice } from '../../src/administration/receivers/sendTestNotice.ts'
import { tellReceivers } from '../../src/administration/receivers/tellReceivers.ts'
import { day, hour, later } from '../../src/rules/clock.ts'
import { actAs } from '../../src/storage/acting.ts'
import { clearAlert, raiseAlert } from '../../src/storage/alerts.ts'
import type { Db } from '../../src/storage/db.ts'
import { recordEvent } from '../../src/storage/events.ts'
import { deleteNoticesBefore } from '../../src/storage/notices.ts'
import { administrator } from '../support/account.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { freePort } from '../support/proxies.ts'
import { hasRsyslog, openRsyslog, type Rsyslog } from '../support/rsyslog.ts'
import { until } from '../support/until.ts'

describe('receivers', () => {
  let database: TestDatabase
  let context: TestContext
  let clock: TestClock
  beforeEach(async () => {
    database = await createTestDatabase()
    // A collector's certificate is made today.
    clock = testClock(new Date())
    context = testContext(database.storage, clock)
    context.config = { ...context.config, inwardWebhooks: true, hostNames: ['licenses.example.com'] }
  })
  afterEach(() => database.drop())

  const db = () => database.storage.db
  const key = (subject = 'x') => ({ localAccountId: 0, kind: 'backup failed', subject })
  const raise = (message: string, subject = 'x', severity: 'major' | 'critical' = 'major') =>
    raiseAlert(db(), { ...key(subject), severity, source: 'Backup', message, action: 'Look at it.', at: clock.now() })
  const actor = { kind: 'user' as const, name: 'ada', source: '192.0.2.7', correlationId: '00000000-0000-4000-8000-000000000001' }
  const act = (message: string, on: Db = db()) =>
    actAs(actor, () => recordEvent(on, { localAccountId: 0, at: clock.now(), kind: 'backup', message, who: 'ada' }))
  const openAlerts = async (kind: string) =>
    (await db()('alerts').where({ kind }).whereNull('cleared_at').select('message')).map(row => row.message)
  const add = (wish: ReceiverWish) => addReceiver(context, administrator, wish)

  describe('of syslog', () => {
    let collector: Rsyslog
    before(async function () {
      if (!hasRsyslog) this.skip()
      collector = await openRsyslog()
    })
    after(() => collector?.close())

    const syslog = (
      transport: 'tls' | 'tcp' | 'udp',
      given: Partial<{ host: string; topics: ('alerts' | 'trail')[] }> = {},
    ): ReceiverWish => ({
      kind: 'syslog',
      name: `by ${transport}`,
      topics: given.topics ?? ['alerts', 'trail'],
      settings: { host: given.host ?? 'localhost', port: collector.ports[transport], transport },
    })
    const saying = (text: string) => collector.collected().filter(({ msg }) => msg.includes(text))

    it('get a test over TLS once their authority is in the trust store and the name is right, and over TCP and UDP', async () => {
      const { id } = await add(syslog('tls'))
      await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /certificate/ })
      await trustAuthorities(context, administrator, collector.ca)
      const { id: other } = await add({ ...syslog('tls', { host: '127.0.0.1' }), name: 'by address' })
      await assert.rejects(sendTestNotice(context, administrator, other), { code: 'NOT_DELIVERED', message: /127\.0\.0\.1/ })
      assert.equal(await sendTestNotice(context, administrator, id), 'Taken.')
      for (const transport of ['tcp', 'udp'] as const) await sendTestNotice(context, administrator, (await add(syslog(transport))).id)
      await until(() => ['tls', 'tcp', 'udp'].every(transport => saying(`to by ${transport}.`).length === 1))
      const [test] = saying('to by tls.')
      assert.deepEqual([test!.hostname, test!['app-name'], test!.msgid], ['licenses.example.com', 'quartermaster', 'test'])
    })

    it('are told of alerts and of the trail, in the order of what happened, and of nothing that was undone', async () => {
      await trustAuthorities(context, administrator, collector.ca)
      await act('before it was added')
      await add(syslog('tls'))
      await raise('Ordered: the backup has failed.')
      await raise('Ordered: the backup has failed again.')
      await act('Ordered: a backup by hand, with "quotes" and Zürich.')
      await assert.rejects(
        database.storage.transaction(async tx => {
          await clearAlert(tx, key(), clock.now())
          throw new Error('undone')
        }),
      )
      await clearAlert(db(), key(), clock.now())
      await tellReceivers(context)
      await until(() => saying('Ordered').length === 3)
      const [raised, done, cleared] = saying('Ordered')
      assert.match(raised!.msg, /Ordered: the backup has failed\. Look at it\.$/)
      assert.deepEqual([raised!.syslogfacility, raised!.syslogseverity, raised!.msgid], ['14', '3', 'alert-raised'])
      assert.match(done!.msg, /with "quotes" and Zürich\.$/)
      assert.deepEqual([done!.syslogfacility, done!.syslogseverity], ['13', '5'])
      assert.match(done!['structured-data'], /who="ada" actor="user" source="192\.0\.2\.7" correlationId="00000000-/)
      assert.match(cleared!.msg, /Cleared: Ordered: the backup has failed again\.$/)
      assert.deepEqual(saying('before it was added'), [])
    })

    it('lose nothing while they are away or killed in the middle, nor over a restart of ours, and an alert tells of it', async function () {
      this.timeout(240_000)
      await trustAuthorities(context, administrator, collector.ca)
      await add(syslog('tls', { topics: ['trail'] }))
      const total = 1200
      const write = async (from: number, to: number) => {
        await database.storage.transaction(async tx => {
          for (let number = from; number < to; number++) await act(`Kept ${number}.`, tx)
        })
      }
      await write(0, 500)
      await collector.stop()
      for (let tries = 0; tries < 6; tries++) {
        await tellReceivers(context)
        clock.advance(hour)
      }
      assert.match((await openAlerts('receiver not reached'))[0]!, /by tls is not told .* nothing listens there/)
      await write(500, total)
      // Another server, which knows nothing but the database; the collector is killed while it takes what waited.
      const next = { ...testContext(database.storage, clock), secrets: context.secrets }
      await collector.start()
      const telling = tellReceivers(next)
      await until(() => saying('Kept').length > 0)
      await collector.stop()
      await telling
      await collector.start()
      clock.advance(hour)
      await tellReceivers(next)
      const numbers = () => new Set(saying('Kept').map(({ msg }) => Number(/Kept (\d+)/.exec(msg)![1])))
      await until(() => numbers().size === total)
      assert.deepEqual(await openAlerts('receiver not reached'), [])
    })

    it('are told no more than is kept for them: the oldest are given up, and an alert says how many', async () => {
      const { id } = await add(syslog('tcp', { topics: ['trail'] }))
      for (let number = 0; number < 12; number++) await act(`Bounded ${number}.`)
      await tellReceivers(context, { most: 5 })
      await until(() => saying('Bounded').length === 5)
      assert.match(saying('Bounded')[0]!.msg, /Bounded 7\./)
      assert.match((await openAlerts('notices lost'))[0]!, /never gets 8 notices/)
      await changeReceiver(context, administrator, id, syslog('tcp', { topics: ['trail'] }))
      assert.deepEqual(await openAlerts('notices lost'), [])
    })
  })

  describe('by webhook', () => {
    type Got = { headers: NodeJS.Dict<string | string[]>; body: string }
    let got: Got[]
    let status: number
    let server: ReturnType<typeof createServer>
    const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    beforeEach(async () => {
      got = []
      status = 204
      server = createServer(async (request, response) => {
        got.push({ headers: request.headers, body: await textOf(request) })
        response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    })
    afterEach(() => new Promise(resolve => server.close(resolve)))

    const hook = (given: Partial<ReceiverWish> = {}) =>
      ({ kind: 'webhook', name: 'chat', topics: ['alerts'], settings: { url: url() }, ...given }) as ReceiverWish

    /** As a receiver verifies it: by the specification, not by our rule. */
    const isSigned = ({ headers, body }: Got, secret: string) => {
      const hmac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
      const expected = hmac.update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
      return headers['webhook-signature'] === `v1,${expected}`
    }

    it('get what happened, signed with a secret that is shown once and is nowhere in clear', async () => {
      const { secret } = await add(hook({ topics: ['alerts', 'trail'] }))
      await raise('The backup has failed.')
      await act('A backup by hand.')
      await tellReceivers(context)
      const bodies = got.map(({ body }) => JSON.parse(body))
      assert.deepEqual(
        bodies.map(({ type }) => type),
        ['trail.recorded', 'alert.raised', 'trail.recorded'],
      )
      assert.deepEqual([bodies[1].data.severity, bodies[1].data.message], ['major', 'The backup has failed.'])
      assert.equal(bodies[2].data.record.who, 'ada')
      assert.ok(got.every(each => isSigned(each, secret!)))
      assert.ok(!isSigned({ ...got[1]!, body: got[1]!.body.replace('major', 'minor') }, secret!))
      assert.equal(Number(got[1]!.headers['webhook-timestamp']), Math.floor(clock.now().getTime() / 1000))
      const kept = JSON.stringify([await db()('receivers'), await db()('notices'), await db()('events'), await db()('trail')])
      assert.ok(!(kept + context.logged.join('')).includes(secret!.replace('whsec_', '')))
    })

    it('are tried again under the same id, later and later, in order, and told in an alert that is cleared', async () => {
      await add(hook())
      await raise('first', 'a')
      await raise('second', 'b')
      status = 503
      for (let tries = 0; tries < 5; tries++) {
        await tellReceivers(context)
        await tellReceivers(context)
        clock.advance(hour)
      }
      assert.equal(got.length, 5, 'one attempt for each hour')
      assert.equal(new Set(got.map(({ headers }) => headers['webhook-id'])).size, 1)
      assert.match((await openAlerts('receiver not reached'))[0]!, /chat is not told .* answered 503/)
      status = 200
      await tellReceivers(context)
      assert.deepEqual(
        got
          .slice(5)
          .map(({ body }) => JSON.parse(body).data.message)
          .slice(0, 2),
        ['first', 'second'],
      )
      assert.deepEqual(await openAlerts('receiver not reached'), [])
    })

    it('that refuse something get the rest once that is given up, and that too when it is sent again', async () => {
      const { id } = await add(hook())
      await raise('refused', 'a')
      status = 400
      for (let tries = 0; tries < 9; tries++) {
        await tellReceivers(context)
        clock.advance(hour)
      }
      status = 200
      await raise('taken', 'b')
      await tellReceivers(context)
      const messages = () => got.slice(9).map(({ body }) => JSON.parse(body).data.message)
      assert.ok(!messages().includes('refused') && messages().includes('taken'))
      const [refused] = await db()('notices').whereNotNull('given_up_at')
      await resendNotice(context, administrator, id, refused.id)
      await tellReceivers(context)
      assert.equal(messages().at(-1), 'refused')
      await assert.rejects(resendNotice(context, administrator, id, 999_999), { code: 'NOT_FOUND' })
    })

    it('are never on this machine unless that is allowed, whatever name leads there; redirections lead nowhere', async () => {
      context.config = { ...context.config, inwardWebhooks: false }
      const { id } = await add(hook())
      await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /this machine/ })
      const port = new URL(url()).port
      for (const host of ['localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '0', '2130706433', '169.254.169.254']) {
        const settings = { url: `http://${host}:${port}/` }
        await changeReceiver(context, administrator, id, hook({ settings } as Partial<ReceiverWish>)).catch(error =>
          assert.equal(error.code, 'INVALID'),
        )
        await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /this machine/ })
      }
      assert.deepEqual(got, [])
      context.config = { ...context.config, inwardWebhooks: true }
      await changeReceiver(context, administrator, id, hook())
      status = 302
      await assert.rejects(sendTestNotice(context, administrator, id), { message: /answered 302, which is not followed/ })
    })

    it('are signed with the new secret once it is renewed', async () => {
      const { id, secret } = await add(hook())
      const renewed = await renewReceiverKey(context, administrator, id)
      await sendTestNotice(context, administrator, id)
      assert.ok(isSigned(got[0]!, renewed.secret) && !isSigned(got[0]!, secret!))
    })

    it('are told once by two servers', async () => {
      await add(hook())
      for (let number = 0; number < 20; number++) await raise('x', String(number))
      await Promise.all([tellReceivers(context), tellReceivers(context)])
      assert.equal(got.length, 20)
    })

    it('go with all that waited for them, and their alerts; what was told is forgotten in time', async () => {
      const { id } = await add(hook())
      await raise('first', 'a')
      await tellReceivers(context)
      assert.equal(await deleteNoticesBefore(db(), later(clock.now(), day)), 1)
      await changeReceiver(
        context,
        administrator,
        id,
        hook({ settings: { url: `http://127.0.0.1:${await freePort()}/` } } as Partial<ReceiverWish>),
      )
      await raise('second', 'b')
      for (let tries = 0; tries < 6; tries++) {
        await tellReceivers(context)
        clock.advance(hour)
      }
      assert.equal((await openAlerts('receiver not reached')).length, 1)
      assert.equal(await removeReceiver(context, administrator, id), 'chat')
      assert.deepEqual([await db()('notices'), await openAlerts('receiver not reached')], [[], []])
    })
  })

  it('are refused that are told of nothing, have no name, or that of another', async () => {
    const wish: ReceiverWish = { kind: 'webhook', name: 'chat', topics: ['alerts'], settings: { url: 'https://hooks.example.com/' } }
    await add(wish)
    for (const given of [{ name: '' }, { topics: [] }, { name: 'chat' }, { name: 'a\nb' }])
      await assert.rejects(add({ ...wish, ...given } as ReceiverWish), { code: 'INVALID' })
  })
})
