import assert from 'node:assert/strict'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { turnSwitch } from '../../src/administration/turnSwitch.ts'
import { createApi } from '../../src/api/app.ts'
import { type Door, openWebDoor } from '../../src/web/door.ts'
import { administrator } from '../support/account.ts'
import { httpVisitor } from '../support/httpVisitor.ts'
import { castPassword, hire } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

describe('the API on the port of the workspaces', () => {
  let site: Site
  let door: Door
  before(async () => {
    site = await openSite()
    await turnSwitch(site.context, administrator, 'api', true)
    door = await openWebDoor(site.context, { port: 0, host: '127.0.0.1', api: createApi(site.context) })
    await hire(site.context, 'Ada', site.stage)
  })
  after(async () => {
    await door?.close()
    await site?.close()
  })

  it('lets a script in over TLS, without a cookie and without a form', async () => {
    const script = httpVisitor(door.port)
    const { clientId, clientSecret } = await createApiClient(site.context, administrator, { name: 'script' })
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
    const granted = await script.send('POST', '/oauth/token', { form })
    assert.equal(granted.status, 200)
    const authorization = `Bearer ${JSON.parse(granted.text).access_token}`
    const accounts = await script.send('GET', '/api/v1/accounts', { headers: { authorization } })
    assert.equal(JSON.parse(accounts.text).accounts[0].name, 'Laboratory')
    for (const { headers } of [granted, accounts]) {
      assert.equal(headers['set-cookie'], undefined)
      assert.match(headers['strict-transport-security'] ?? '', /max-age/)
      assert.equal(headers['x-powered-by'], undefined)
    }
  })

  it('gives nothing to a browser for its session', async () => {
    const ada = httpVisitor(door.port)
    await ada.signIn('ada', castPassword)
    assert.equal((await ada.send('GET', '/admin')).status, 200)
    for (const path of ['/api/v1/accounts', '/metrics']) assert.equal((await ada.send('GET', path)).status, 401)
  })

  it('passes on what is not its own', async () => {
    const visitor = httpVisitor(door.port)
    assert.match((await visitor.send('GET', '/sign-in')).text, /<form/)
    assert.match((await visitor.send('GET', '/apixyz')).headers['content-type'] ?? '', /text\/html/)
    assert.equal((await visitor.send('GET', '/health/ready')).status, 200)
  })
})
