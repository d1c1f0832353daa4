import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { minute } from '../../src/rules/clock.ts'
import { findLocalAccountByName } from '../../src/storage/localAccounts.ts'
import { openWebDoor } from '../../src/web/door.ts'
import { testClock } from '../support/clock.ts'
import { type HttpVisitor, httpVisitor } from '../support/httpVisitor.ts'
import { castPassword, hire } from '../support/people.ts'
import { hasProxies, openStunnel, openTinyproxy, type TestProxy } from '../support/proxies.ts'
import { makeTestAuthority } from '../support/tlsPeer.ts'
import { type Branch, openBranch, openUpstream, type Upstream } from '../support/upstream.ts'

/** A site behind a proxy that asks who comes, over https; neither the proxy's authority nor the cloud's is known to anybody. */
describe('an administrator behind a proxy', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let proxies: TestProxy[]
  let door: Awaited<ReturnType<typeof openWebDoor>>
  let ada: HttpVisitor
  const secret = 'behind-the.proxy'

  before(async function () {
    if (!hasProxies) this.skip()
    // Certificates for TLS go by the machine's time.
    upstream = await openUpstream({ ...testClock(), now: () => new Date() })
    branch = await openBranch(upstream, { cloudCaFile: undefined })
    door = await openWebDoor(
      { ...branch.context, config: { ...branch.context.config, hostNames: ['localhost'] } },
      // Making two RSA keys takes a busy machine its time: the pages wait for what comes of them.
      { port: 0, host: '127.0.0.1', patience: minute },
    )
    await hire(branch.context, 'Ada', { localAccountId: 0, localVirtualAccountId: 0 })
    ada = httpVisitor(door.port)
    await ada.signIn('ada', castPassword)
    const plain = await openTinyproxy({ user: ['courier', secret] })
    const authority = await makeTestAuthority('of the proxy')
    proxies = [await openStunnel(plain.port, await authority.certify(['localhost'])), plain]
    proxyRoot = authority.root.pem
  })
  after(async () => {
    await door?.close()
    for (const each of proxies ?? []) await each.close()
    await branch?.close()
    await upstream?.close()
  })
  let proxyRoot: string

  const submit = (path: string, form: Record<string, string>) => ada.submit('/admin/network', `/admin/network/${path}`, form)
  /** The sentence of the step that failed, on the page that the button gives. */
  async function failing(): Promise<string> {
    const { status, text } = await submit('connection-test', {})
    assert.equal(status, 200)
    return /Failed<\/span>.*?<p class="qm-quiet">([^<]+)</s.exec(text)?.[1] ?? ''
  }
  const register = () => {
    const { clientId, clientSecret } = upstream.ready
    const names = { name: 'Laboratory', smartAccount: 'Example Corp', virtualAccount: 'Laboratory' }
    return ada.submit('/admin/accounts/new', '/admin/accounts', { ...names, clientId, clientSecret })
  }
  const account = () => findLocalAccountByName(branch.context.storage.db, 'Laboratory')

  it('is led from step to step by the test of the connection', async () => {
    assert.match(await failing(), /certificate of the cloud at localhost is not trusted here/)
    assert.match((await register()).text, /is not trusted here/)

    const address = `https://localhost:${proxies[0]!.port}`
    assert.match(
      (await submit('proxy', { address: `socks5://localhost:${proxies[0]!.port}` })).text,
      /over http:\/\/ or https:\/\/, not over socks5/,
    )
    assert.equal((await submit('proxy', { address })).status, 303)
    assert.match(await failing(), /certificate of the proxy localhost is not trusted here/)

    assert.equal((await submit('authorities', { certificates: proxyRoot })).status, 303)
    assert.match(await failing(), /^The proxy localhost wants to know who asks/)

    assert.equal((await submit('proxy', { address, user: 'courier', password: 'guess' })).status, 303)
    assert.match(await failing(), /^The proxy localhost does not accept this user with this password/)

    assert.equal((await submit('proxy', { address, user: 'courier', password: secret })).status, 303)
    assert.match(await failing(), /certificate of the cloud at localhost is not trusted here/)

    assert.equal((await submit('authorities', { certificates: readFileSync(upstream.ready.cloudRoot, 'utf8') })).status, 303)
    assert.equal(await failing(), '')
    assert.match((await submit('connection-test', {})).text, /The way to the cloud is open/)
  })

  it('registers an account and synchronizes it through the proxy', async () => {
    const before = proxies[1]!.log().split('CONNECT').length
    assert.equal((await register()).status, 303)
    assert.equal((await account())?.state, 'registered')
    const { uuid } = (await account())!
    await ada.submit(`/admin/accounts/${uuid}`, `/admin/accounts/${uuid}/synchronizations`, { type: 'standard' })
    assert.equal((await account())?.sequence, 1)
    assert.ok(proxies[1]!.log().split('CONNECT').length >= before + 4, 'two exchanges, each with its poll')
  })

  it('has told nobody the password of the proxy', async () => {
    const tables = ['settings', 'events', 'synchronizations', 'sessions', 'alerts']
    const rows = await Promise.all(tables.map(table => branch.context.storage.db(table)))
    const page = await ada.get('/admin/network')
    assert.ok(![JSON.stringify(rows), branch.context.logged.join(), page.text].some(text => text.includes(secret)))
  })

  it('takes the authority away again, and the next exchange says so', async () => {
    const { text } = await ada.get('/admin/network')
    const [, fingerprint] = /authorities\/([0-9a-f]{64})\/removal"[^>]*>Remove<span[^>]*> Quartermaster TLS Root of the proxy</.exec(text)!
    assert.match(
      (await ada.get(`/admin/network/authorities/${fingerprint}/removal`)).text,
      /From the next connection on it is not believed/,
    )
    assert.equal((await submit(`authorities/${fingerprint}/removal`, {})).status, 303)
    assert.match(await failing(), /certificate of the proxy localhost is not trusted here/)
    assert.equal((await submit('proxy/removal', {})).status, 303)
    assert.equal(await failing(), '')
  })
})
