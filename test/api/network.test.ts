import assert from 'node:assert/strict'
import { setProxy } from '../../src/administration/network/setProxy.ts'
import { trustAuthorities } from '../../src/administration/network/trustAuthorities.ts'
import { administrator } from '../support/account.ts'
import { type ServedApi, serveApi } from '../support/apiSite.ts'
import { testClock } from '../support/clock.ts'
import { freePort } from '../support/proxies.ts'
import { makeTestAuthority } from '../support/tlsPeer.ts'
import { type Branch, openBranch, openUpstream, type Upstream } from '../support/upstream.ts'

describe('a script that looks at the way to the cloud', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let api: ServedApi
  let token: string
  before(async () => {
    upstream = await openUpstream(testClock(new Date()))
    branch = await openBranch(upstream)
    api = await serveApi(branch.context)
    token = await api.token()
  })
  after(async () => {
    await api?.close()
    await branch?.close()
    await upstream?.close()
  })
  const test = (json: object = {}) => api.send('POST', '/api/v1/network/connection-test', { token, json })

  it('is told proxy and trust store, and no password', async () => {
    const none = await api.send('GET', '/api/v1/network', { token })
    assert.deepEqual([none.json.cloud, none.json.proxy, none.json.trustedAuthorities], [upstream.ready.url, null, []])
    const wish = { address: 'https://proxy.example.com:3128', user: 'courier', password: 'not-for.scripts', without: ['localhost'] }
    await setProxy(branch.context, administrator, wish)
    await trustAuthorities(branch.context, administrator, (await makeTestAuthority('of the site')).root.pem)
    const { json, body } = await api.send('GET', '/api/v1/network', { token })
    assert.deepEqual(json.proxy, { address: 'https://proxy.example.com:3128', user: 'courier', without: ['localhost'] })
    assert.equal(json.trustedAuthorities[0].name, 'Quartermaster TLS Root of the site')
    assert.ok(!body.includes(wish.password))
  })

  it('tries it as the server and as an account', async () => {
    const before = await test()
    assert.deepEqual([before.status, before.json.reached], [200, true])
    assert.equal(before.json.steps[5].outcome, 'skipped', 'nobody has given a client id yet')
    await branch.register('Laboratory')
    const { json } = await test({ account: 'Laboratory' })
    assert.deepEqual([json.reached, json.statusMessage, json.steps[5].outcome], [true, '', 'passed'])
    assert.deepEqual((await test({ account: 'Nobody' })).status, 404)
  })

  it('is told the step that fails, and what to do', async () => {
    await setProxy(branch.context, administrator, { address: `http://localhost:${await freePort()}` })
    const { status, json } = await test()
    assert.deepEqual([status, json.status, json.reached], [200, 'SUCCESS', false])
    assert.match(json.statusMessage, /^The proxy localhost refuses the connection\. Check the address in the settings of the proxy/)
    assert.deepEqual(
      json.steps.map(({ step, outcome }: { step: string; outcome: string }) => `${step} ${outcome}`),
      ['settings passed', 'dns passed', 'tcp failed', 'proxy skipped', 'tls skipped', 'sign-in skipped', 'clock skipped'],
    )
  })
})
