import assert from 'node:assert/strict'
import { isOn } from '../../src/storage/switches.ts'
import { putProgress } from '../../src/storage/synchronizationProgress.ts'
import { paths } from '../../src/web/paths.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { type MailServer, openMailServer } from '../support/mailServer.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('the settings of the server', () => {
  let site: Site
  let ada: HttpVisitor
  let server: MailServer
  before(async () => {
    site = await openSite()
    server = await openMailServer({ user: 'quartermaster', password: 'a secret of mail' })
    ada = await site.signedIn('Ada')
  })
  after(async () => {
    await server?.close()
    await site?.close()
  })

  const form = (given: object = {}) => ({
    host: 'localhost',
    port: String(server.port),
    security: 'starttls',
    user: 'quartermaster',
    password: '',
    from: 'licenses@example.com',
    recipients: 'team@example.com, boss@example.com',
    ca: server.ca,
    ...given,
  })

  it('say where mail goes out; a test goes at once, and tells what the mail server said', async () => {
    assert.match((await ada.get(admin.settings)).text, /Say first where mail goes out/)
    assert.equal((await ada.submit(admin.settings, admin.mail, form({ password: 'a secret of mail' }))).status, 303)
    const page = (await ada.get(admin.settings)).text
    assert.match(page, /value="localhost"/)
    assert.match(page, /team@example\.com\nboss@example\.com/)
    assert.ok(!page.includes('a secret of mail'))
    assert.equal((await ada.submit(admin.settings, admin.mailTest, { to: 'ada@example.com' })).status, 303)
    assert.deepEqual(server.delivered.at(-1)?.to, ['ada@example.com'])
    assert.match((await ada.get(admin.settings)).text, /taken a test for ada@example\.com/)
    server.refused.add('nobody@example.com')
    const refused = await ada.submit(admin.settings, admin.mailTest, { to: 'nobody@example.com' })
    assert.equal(refused.status, 422)
    assert.match(refused.text, /does not take mail for nobody@example\.com/)
  })

  it('keep the password that is not typed again, and say at each field what is wrong', async () => {
    assert.equal((await ada.submit(admin.settings, admin.mail, form({ from: 'other@example.com' }))).status, 303)
    assert.equal((await ada.submit(admin.settings, admin.mailTest, { to: 'ada@example.com' })).status, 303)
    const wrong = await ada.submit(admin.settings, admin.mail, form({ port: 'many', from: 'nobody' }))
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /Give a port from 1 to 65535/)
    assert.match(wrong.text, /value="many"/)
  })

  it('end mail, and the overview says so', async () => {
    assert.match((await ada.get(admin.home)).text, /Mail by localhost/)
    assert.equal((await ada.submit(admin.settings, admin.mailRemoval, {})).status, 303)
    assert.match((await ada.get(admin.home)).text, /No mail goes out/)
  })

  it('let products register over TLS alone, and without again', async () => {
    for (const [required, on] of [
      ['yes', true],
      ['no', false],
    ] as const) {
      assert.equal((await ada.submit(admin.settings, admin.registrationTls, { required })).status, 303)
      assert.equal(await isOn(site.context.storage.db, 'registrationTls'), on)
    }
  })

  it('forget the client of the cloud of an account, after a question', async () => {
    const { uuid, id } = site.home.account
    const removal = admin.signInRemoval(uuid)
    assert.equal((await ada.get(removal)).status, 404)
    const { db } = site.context.storage
    const clientSecret = site.context.secrets.seal('secret', 'cloud client secret')
    await db('cloud_credentials').insert({
      local_account_id: id,
      client_id: 'branch-office',
      client_secret: clientSecret,
      changed_at: site.clock.now(),
      changed_by: 'ada',
    })
    assert.match((await ada.get(admin.account(uuid))).text, /branch-office/)
    assert.match((await ada.get(removal)).text, /Forget the cloud client branch-office\?/)
    assert.equal((await ada.submit(removal, removal, {})).status, 303)
    assert.deepEqual(await db('cloud_credentials').where({ local_account_id: id }), [])
    assert.match((await ada.get(admin.account(uuid))).text, /No client of the cloud is stored/)
  })

  it('show on the pages of an account how far its exchange is', async () => {
    const { uuid, id } = site.home.account
    await putProgress(site.context.storage.db, id, { step: 'writing', done: 120_000, total: 300_000 }, site.clock.now())
    for (const path of [admin.account(uuid), admin.courier(uuid)])
      assert.match((await ada.fragment(path)).text, /Writing the request: 120,000 of 300,000 product instances/)
  })
})
