import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tellReceivers } from '../../src/administration/receivers/tellReceivers.ts'
import { raiseAlert } from '../../src/storage/alerts.ts'
import { paths } from '../../src/web/paths.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('the receivers of the server', () => {
  let site: Site
  let ada: HttpVisitor
  let status = 200
  const server = createServer((request, response) => request.resume().on('end', () => response.writeHead(status).end()))
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  before(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    site = await openSite()
    Object.assign(site.context.config, { inwardWebhooks: true })
    ada = await site.signedIn('Ada')
  })
  after(async () => {
    server.close()
    await site?.close()
  })
  const only = async () => (await site.context.storage.db('receivers').first('id')).id as number

  it('are none at first; a webhook shows its secret once, says what it was sent, and what it answered', async () => {
    assert.match((await ada.get(admin.receivers)).text, /Nobody is told yet/)
    const made = await ada.submit(admin.newWebhook, admin.newWebhook, { name: 'chat', url: url(), alerts: 'on' })
    assert.equal(made.status, 200)
    const [secret] = /whsec_[A-Za-z0-9+/=]{44}/.exec(made.text)!
    const page = admin.receiver(await only())
    for (const path of [page, admin.receivers]) assert.ok(!(await ada.get(path)).text.includes(secret))
    assert.equal((await ada.submit(page, admin.receiverTest(await only()), {})).status, 303)
    assert.match((await ada.get(page)).text, /A test was sent to chat\. Answered 200\./)
    status = 500
    const failed = await ada.submit(page, admin.receiverTest(await only()), {})
    assert.equal(failed.status, 422)
    assert.match(failed.text, /answered 500/)
    status = 200
  })

  it('are told of an alert, and of it once more by a button of its row', async () => {
    const { db } = site.context.storage
    const alert = {
      localAccountId: 0,
      kind: 'backup failed',
      subject: '',
      source: 'Backup',
      message: 'No backup.',
      action: '',
      at: site.clock.now(),
    }
    await raiseAlert(db, { ...alert, severity: 'major' })
    const page = admin.receiver(await only())
    assert.match((await ada.fragment(page)).text, /1 notice/)
    await tellReceivers(site.context)
    const { id } = await db('notices').where({ topic: 'alerts' }).first('id')
    assert.equal((await ada.submit(page, admin.noticeResending(await only(), id), {})).status, 303)
    await tellReceivers(site.context)
    assert.match((await ada.get(page)).text, /No backup\.(.|\n)*Answered 200/)
  })

  it('say at each field what is wrong, and keep what was typed', async () => {
    const wrong = await ada.submit(admin.newSyslog, admin.newSyslog, {
      name: 'siem',
      host: 'a b',
      port: '6514',
      transport: 'tls',
      trail: 'on',
    })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /Give the name or the address of the collector/)
    assert.match(wrong.text, /value="a b"/)
    const page = admin.receiver(await only())
    assert.equal((await ada.submit(page, page, { name: 'chat', url: 'ftp://x', alerts: 'on' })).status, 422)
    assert.equal((await ada.submit(page, page, { name: 'rooms', url: url(), trail: 'on' })).status, 303)
    assert.match((await ada.get(admin.receivers)).text, /rooms/)
    assert.equal((await ada.get(admin.receiver(999))).status, 404)
    assert.equal((await ada.get(admin.receiver('x'))).status, 404)
  })

  it('get another secret, and go, after a question', async () => {
    const id = await only()
    assert.match((await ada.get(admin.receiverSecret(id))).text, /Renew the secret of rooms\?/)
    assert.match((await ada.submit(admin.receiverSecret(id), admin.receiverSecret(id), {})).text, /whsec_/)
    assert.match((await ada.get(admin.receiverRemoval(id))).text, /Remove rooms\?/)
    assert.equal((await ada.submit(admin.receiverRemoval(id), admin.receiverRemoval(id), {})).status, 303)
    assert.match((await ada.get(admin.receivers)).text, /Nobody is told yet/)
  })

  it('are seen and tested by an operator, who changes nothing of them', async () => {
    await ada.submit(admin.newWebhook, admin.newWebhook, { name: 'chat', url: url(), alerts: 'on' })
    const otto = await site.signedIn('Otto')
    const page = admin.receiver(await only())
    assert.doesNotMatch((await otto.get(page)).text, /Renew the secret|name="url"/)
    assert.equal((await otto.submit(page, admin.receiverTest(await only()), {})).status, 303)
    assert.equal((await otto.submit(page, page, { name: 'x', url: url(), alerts: 'on' })).status, 403)
  })
})
