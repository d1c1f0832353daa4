import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import dns from 'node:dns'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text as textOf } from 'node:stream/consumers'
import { createServer as createTlsServer } from 'node:tls'
import { addReceiver, type ReceiverWish } from '../../src/administration/receivers/addReceiver.ts'
import { changeReceiver, renewReceiverKey } from '../../src/administration/receivers/changeReceiver.ts'
import { removeReceiver } from '../../src/administration/receivers/removeReceiver.ts'
import { sendTestNotice } from '../../src/administration/receivers/sendTestNotice.ts'
import { tellReceivers } from '../../src/administration/receivers/tellReceivers.ts'
import { sendSyslog } from '../../src/receivers/syslog.ts'
import { failuresBeforeAlert } from '../../src/rules/receivers.ts'
import { clearAlert, raiseAlert } from '../../src/storage/alerts.ts'
import { recordEvent } from '../../src/storage/events.ts'
import { deleteNoticesBefore } from '../../src/storage/notices.ts'
import { deleteReceiver } from '../../src/storage/receivers.ts'
import { administrator } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { makeTestAuthority } from '../support/tlsPeer.ts'

describe('receivers, looked at by a stranger', () => {
  let database: TestDatabase
  let context: TestContext
  let got: { headers: IncomingHttpHeaders; body: string }[]
  let answer: () => Promise<number>
  let server: ReturnType<typeof createServer>
  beforeEach(async () => {
    database = await createTestDatabase()
    context = testContext(database.storage, testClock(new Date()))
    context.config = { ...context.config, inwardWebhooks: true }
    got = []
    answer = async () => 204
    server = createServer(async (request, response) => {
      got.push({ headers: request.headers, body: await textOf(request) })
      response.writeHead(await answer()).end()
    })
    await new Promise<void>(resolve => server.listen(0, resolve))
  })
  afterEach(async () => {
    await new Promise(resolve => server.close(resolve))
    await database.drop()
  })

  const db = () => database.storage.db
  const port = () => (server.address() as AddressInfo).port
  const hook = (host = '127.0.0.1', path = '/'): ReceiverWish => ({
    kind: 'webhook',
    name: 'chat',
    topics: ['alerts', 'trail'],
    settings: { url: `http://${host}:${port()}${path}` },
  })
  const add = (wish: ReceiverWish) => addReceiver(context, administrator, wish)
  const key = { localAccountId: 0, kind: 'backup failed', subject: 'x' }
  const alert = { ...key, severity: 'major' as const, source: 'Backup', message: 'No backup.', action: '' }
  const raise = () => raiseAlert(db(), { ...alert, at: context.clock.now() })
  const act = () =>
    recordEvent(db(), { localAccountId: 0, at: context.clock.now(), kind: 'settings changed', message: 'Something.', who: 'ada' })

  it('keep the path of a webhook to those who set it up: the trail, the event log and the log have its host alone', async () => {
    const { id } = await add(hook('127.0.0.1', '/services/T0KEN-1?key=T0KEN-2'))
    await changeReceiver(context, administrator, id, hook('127.0.0.1', '/services/T0KEN-3'))
    answer = async () => 500
    await raise()
    await tellReceivers(context)
    await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED' })
    const kept = JSON.stringify([await db()('notices'), await db()('events'), await db()('trail'), await db()('alerts')])
    assert.doesNotMatch(kept + context.logged.join(''), /T0KEN/)
    assert.ok(kept.includes(`http://127.0.0.1:${port()}/…`))
    assert.match(context.logged.join(''), /answered 500/)
  })

  it('are not at an address that this machine has in its network', async function () {
    const own = Object.values(networkInterfaces())
      .flat()
      .find(each => each && !each.internal && each.family === 'IPv4')?.address
    if (!own) this.skip()
    context.config = { ...context.config, inwardWebhooks: false }
    const { id } = await add(hook(own))
    await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /this machine/ })
    await changeReceiver(context, administrator, id, hook(`[::ffff:${own}]`))
    await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /this machine/ })
    assert.deepEqual(got, [])
  })

  it('are not where a name leads inside, which is asked once for each message: what was looked at is what is connected to', async () => {
    context.config = { ...context.config, inwardWebhooks: false }
    const { id } = await add(hook('rebinding.example.com'))
    const { lookup } = dns
    let asked = 0
    const answers = [[{ address: '169.254.169.254', family: 4 }], [{ address: '::ffff:127.0.0.1', family: 6 }]]
    Object.assign(dns, { lookup: (_: string, __: object, done: (...given: unknown[]) => void) => done(null, answers[asked++ % 2]) })
    syncBuiltinESMExports()
    try {
      for (let times = 1; times <= 2; times++) {
        await assert.rejects(sendTestNotice(context, administrator, id), { code: 'NOT_DELIVERED', message: /this machine/ })
        assert.equal(asked, times)
      }
    } finally {
      Object.assign(dns, { lookup })
      syncBuiltinESMExports()
    }
    assert.deepEqual(got, [])
  })

  it('of syslog get no byte over TLS before they have shown who they are', async () => {
    const { key: privateKey, certificate } = await (await makeTestAuthority('Stranger')).certify(['localhost'])
    let heard = ''
    const stranger = createTlsServer({ key: privateKey, cert: certificate }, socket => {
      socket.on('error', () => socket.destroy())
      socket.on('data', data => {
        heard += data
      })
    })
    stranger.on('tlsClientError', () => undefined)
    await new Promise<void>(resolve => stranger.listen(0, resolve))
    const settings = { host: 'localhost', port: (stranger.address() as AddressInfo).port, transport: 'tls' as const }
    await assert.rejects(sendSyslog(settings, [], [Buffer.from('<109>1 - - - - - - what was done')]), { message: /certificate/ })
    await new Promise(resolve => stranger.close(resolve))
    assert.equal(heard, '')
  })

  it('that are removed or changed while they are told are told as they are then, and no alert of one that is gone stays', async () => {
    const { id, secret } = await add({ ...hook(), topics: ['alerts'] })
    await raise()
    await raiseAlert(db(), { ...alert, subject: 'y', at: context.clock.now() })
    let renewed = ''
    answer = async () => {
      renewed ||= (await renewReceiverKey(context, administrator, id)).secret
      return 204
    }
    await tellReceivers(context)
    const signedWith = (known: string, { headers, body }: (typeof got)[0]) =>
      headers['webhook-signature'] ===
      `v1,${createHmac('sha256', Buffer.from(known.replace('whsec_', ''), 'base64'))
        .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
        .digest('base64')}`
    assert.ok(signedWith(secret!, got[0]!) && signedWith(renewed, got[1]!))
    await clearAlert(db(), key, context.clock.now())
    await db()('receivers').update({ attempts: failuresBeforeAlert })
    answer = async () => {
      await removeReceiver(context, administrator, id)
      return 503
    }
    await tellReceivers(context)
    assert.equal(got.length, 3)
    assert.deepEqual(await db()('alerts').where({ kind: 'receiver not reached' }), [])
  })

  it('cost nothing where nobody is told: no trigger but of new, changed and cleared alerts and of the trail, and none for words', async () => {
    const { rows } = await db().raw(
      `select distinct c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
       where p.proname like 'tell_of_%' order by 1`,
    )
    assert.deepEqual(
      rows.map(({ relname }: { relname: string }) => relname),
      ['alerts', 'trail'],
    )
    const fired = async (change: string) => {
      const explained = await db().raw(`explain (analyze, format json) update alerts set ${change} where subject = 'x'`)
      return explained.rows[0]['QUERY PLAN'][0].Triggers.map((trigger: { 'Trigger Name': string }) => trigger['Trigger Name'])
    }
    await raise()
    assert.deepEqual(await fired(`message = 'Other words, as with every report.'`), [])
    assert.deepEqual(await fired(`severity = 'critical'`), ['changed_alert_is_told'])
    await act()
    assert.deepEqual(await db()('notices'), [])
  })

  it('make nobody wait who writes the trail while one is removed, and what is written for it then is forgotten', async () => {
    const { id } = await add(hook())
    await database.storage.transaction(async tx => {
      await deleteReceiver(tx, id)
      await act()
      await raise()
      await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'settings changed', message: 'Gone.', who: 'ada' })
    })
    assert.equal((await db()('notices')).length, 2)
    await tellReceivers(context)
    assert.deepEqual(got, [])
    assert.equal(await deleteNoticesBefore(db(), new Date(0)), 2)
  })
})
