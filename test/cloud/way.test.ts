import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Consignment, TriedStep } from '../../src/cloud/carrier.ts'
import { openNetworkCarrier } from '../../src/cloud/network.ts'
import { straight, type Way } from '../../src/cloud/way.ts'
import { day, hour } from '../../src/rules/clock.ts'
import { readProxyAddress } from '../../src/rules/proxy.ts'
import { testClock } from '../support/clock.ts'
import { freePort, hasProxies, openStunnel, openTinyproxy, type TestProxy } from '../support/proxies.ts'
import { makeTestAuthority, openDeafPort, openPlainPeer, openTlsPeer, type Peer, type TestAuthority } from '../support/tlsPeer.ts'
import { openUpstream, type Upstream } from '../support/upstream.ts'

const consignment: Consignment = {
  exchange: 'synchronization',
  container: '{"format":"slx/1"}',
  serverUuid: '00000000-0000-4000-8000-000000000001',
  smartAccountId: '100001',
  virtualAccountId: null,
}

describe('each step of the way to the cloud', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let authority: TestAuthority
  let cloudRoot: string
  const open: { close(): Promise<void> }[] = []

  before(async () => {
    // The clocks are compared: both are the machine's.
    upstream = await openUpstream({ ...testClock(), now: () => new Date() })
    authority = await makeTestAuthority()
    cloudRoot = readFileSync(upstream.ready.cloudRoot, 'utf8')
  })
  after(() => upstream?.close())
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })
  async function opened<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
    const one = await opening
    open.push(one)
    return one
  }

  const proxyAt = (address: string, given: Partial<NonNullable<Way['proxy']>> = {}): Way['proxy'] => ({
    ...readProxyAddress(address),
    user: null,
    password: null,
    without: [],
    ...given,
  })
  const way = (changes: Partial<Way> = {}): Way => ({ ...straight, authorities: [cloudRoot, authority.root.pem], ...changes })
  const carrier = (changes: Partial<Way> = {}, url = upstream.ready.url, limits = {}) =>
    openNetworkCarrier({ cloudUrl: url, cloudCaFile: undefined, limits, pauses: [] }, async () => way(changes))
  const tryOut = (...given: Parameters<typeof carrier>) => carrier(...given).tryOut(upstream.ready, () => new Date())

  /** The steps in words: those before the failed one have held, those behind it were not tried. */
  function assertFails(steps: TriedStep[], step: TriedStep['step'], sentence: RegExp): void {
    const failed = steps.filter(({ outcome }) => outcome === 'failed')
    assert.deepEqual(
      failed.map(each => each.step),
      [step],
      JSON.stringify(steps, null, 1),
    )
    assert.match(failed[0]!.sentence, sentence)
    const at = steps.findIndex(each => each.step === step)
    assert.ok(steps.slice(0, at).every(each => each.outcome === 'passed' || (each.step === 'proxy' && each.outcome === 'skipped')))
    if (step !== 'sign-in') assert.ok(steps.slice(at + 1).every(each => each.outcome === 'skipped'))
  }

  it('holds, and each says what it found', async () => {
    const steps = await tryOut()
    assert.deepEqual(
      steps.map(({ step, outcome }) => `${step} ${outcome}`),
      ['settings passed', 'dns passed', 'tcp passed', 'proxy skipped', 'tls passed', 'sign-in passed', 'clock passed'],
    )
    assert.match(steps[1]!.sentence, /^localhost is .*127\.0\.0\.1/)
    assert.match(steps[4]!.sentence, /^TLSv1\.3, with a certificate for localhost from Quartermaster TLS Root/)
    assert.match(steps[5]!.sentence, new RegExp(`lets the client ${upstream.ready.clientId} in`))
    assert.ok(steps.every(({ sentence }) => !sentence.includes(upstream.ready.clientSecret)))
  })

  it('settings: no address', async () => {
    const steps = await openNetworkCarrier({ cloudUrl: undefined, cloudCaFile: undefined }).tryOut(undefined, () => new Date())
    assertFails(steps, 'settings', /^No address of the cloud is set/)
  })

  it('DNS: a name that nobody has', async () => {
    assertFails(await tryOut({}, 'https://cloud.invalid'), 'dns', /cloud\.invalid.*Check the DNS servers/)
  })

  it('TCP: nobody listens', async () => {
    assertFails(await tryOut({}, `https://localhost:${await freePort()}`), 'tcp', /^The cloud at localhost refuses the connection/)
  })

  it('TCP: nobody answers', async function () {
    const port = await openDeafPort(one => open.push(one))
    if (!port) return this.skip()
    assertFails(await tryOut({}, `https://127.0.0.1:${port}`, { tcp: 300 }), 'tcp', /^The cloud at 127\.0\.0\.1 did not answer in time/)
  })

  for (const [what, sentence, prepare] of [
    [
      'an authority that is not known',
      /is not trusted here.*trust store/,
      async () => (await makeTestAuthority('stranger')).certify(['localhost']),
    ],
    ['another name', /was made for another name \(elsewhere\.example\)/, () => authority.certify(['elsewhere.example'])],
    [
      'one that has expired',
      /has expired, or this machine's clock is wrong: here it is \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
      () => aged(-400 * day),
    ],
    ['one that is not valid yet', /is not valid yet, or this machine's clock is wrong/, () => aged(30 * day)],
  ] as const) {
    it(`TLS: a certificate of ${what}`, async () => {
      const peer = await opened(openTlsPeer(await prepare(), (_request, response) => response.end()))
      assertFails(await tryOut({}, `https://localhost:${peer.port}`), 'tls', sentence)
      await assert.rejects(carrier({}, `https://localhost:${peer.port}`).carry(consignment, upstream.ready), {
        code: 'CLOUD_UNREACHABLE',
        message: sentence,
      })
    })
    it(`proxy: its certificate is ${what}`, async () => {
      const peer = await opened(openTlsPeer(await prepare(), (_request, response) => response.end()))
      assertFails(await tryOut({ proxy: proxyAt(`https://localhost:${peer.port}`) }), 'proxy', sentence)
    })
  }

  /** A certificate for localhost that was made at another time, by a root that holds all the while. */
  async function aged(milliseconds: number) {
    const at = new Date(Date.now() + milliseconds)
    return authority.certify(['localhost'], at)
  }

  it('TLS: silence, and something else than TLS', async () => {
    const silent = await opened(openPlainPeer(() => {}))
    assertFails(await tryOut({}, `https://localhost:${silent.port}`, { tls: 100 }), 'tls', /did not answer in time/)
    const mail = await opened(openPlainPeer(socket => socket.write('220 mail.example ESMTP\r\n')))
    assertFails(await tryOut({}, `https://localhost:${mail.port}`), 'tls', /does not speak TLS as it should/)
    const closing = await opened(openPlainPeer(socket => socket.destroy()))
    assertFails(await tryOut({}, `https://localhost:${closing.port}`), 'tls', /broke off/)
  })

  it('sign-in: a wrong secret, and none at all', async () => {
    const wrong = await carrier().tryOut({ ...upstream.ready, clientSecret: 'guess' }, () => new Date())
    assertFails(wrong, 'sign-in', /^The cloud does not accept the client id .* with this secret/)
    assert.equal(wrong.at(-1)!.outcome, 'passed', 'what time it is there is known all the same')
    const without = await carrier().tryOut(undefined, () => new Date())
    assert.deepEqual([without[5]!.outcome, without[6]!.outcome], ['skipped', 'passed'])
    assert.match(without[5]!.sentence, /No client id and secret are set/)
  })

  it('sign-in: what answers is no cloud', async () => {
    const { key, certificate } = await authority.certify(['localhost'])
    const answers: [number, string, RegExp][] = [
      [200, 'It works!', /is the address in QUARTERMASTER_CLOUD_URL really that of the cloud/],
      [404, '', /knows nothing of this \(HTTP 404\)/],
      [503, '', /in trouble \(HTTP 503\)/],
    ]
    for (const [status, body, sentence] of answers) {
      const peer = await opened(openTlsPeer({ key, certificate }, (_request, response) => response.writeHead(status).end(body)))
      assertFails(await tryOut({}, `https://localhost:${peer.port}`), 'sign-in', sentence)
    }
  })

  it('clock: by a few minutes a warning, by more than a day a failure', async () => {
    const at = async (milliseconds: number) => (await carrier().tryOut(upstream.ready, () => new Date(Date.now() + milliseconds))).at(-1)!
    const slow = await at(-5 * hour)
    assert.deepEqual([slow.step, slow.outcome], ['clock', 'warning'])
    assert.match(slow.sentence, /^The cloud's clock is 5 hours ahead of ours\. Check this machine's time/)
    const fast = await at(40 * day)
    assert.equal(fast.outcome, 'failed')
    assert.match(
      fast.sentence,
      /^The cloud's clock is 40 days behind ours\. With more than a day between them every synchronization becomes a full one/,
    )
  })

  it('IPv4 where IPv6 is closed, and IPv6 by its address', async function () {
    const { key, certificate } = await authority.certify(['localhost'])
    const four = await opened(openTlsPeer({ key, certificate }, (_request, response) => response.end()))
    assert.equal((await tryOut({}, `https://localhost:${four.port}`))[2]!.outcome, 'passed')
    const hasSix = Object.values(networkInterfaces()).some(each => each?.some(({ address }) => address === '::1'))
    if (!hasSix) return this.skip()
    const steps = await tryOut({}, upstream.ready.url.replace('localhost', '[::1]'))
    assert.deepEqual([steps[1]!.sentence, steps[5]!.outcome], ['::1 is an address.', 'passed'])
  })

  describe('a proxy', () => {
    it('is not there', async () => {
      const address = `http://localhost:${await freePort()}`
      assertFails(
        await tryOut({ proxy: proxyAt(address) }),
        'tcp',
        /^The proxy localhost refuses the connection\. Check the address in the settings of the proxy/,
      )
      assertFails(await tryOut({ proxy: proxyAt('http://proxy.invalid:3128') }), 'dns', /proxy\.invalid/)
    })

    it('is none, or is one of the other kind', async () => {
      const proxy = (peer: Peer, scheme: string) => ({ proxy: proxyAt(`${scheme}://localhost:${peer.port}`) })
      const mail = await opened(openPlainPeer(socket => socket.write('220 mail.example ESMTP\r\n')))
      assertFails(await tryOut(proxy(mail, 'http')), 'proxy', /^What answers at localhost is no proxy/)
      assertFails(await tryOut(proxy(mail, 'https')), 'proxy', /does not speak TLS.*is it one for http:\/\//)
      const silent = await opened(openPlainPeer(() => {}))
      assertFails(await tryOut(proxy(silent, 'http'), undefined, { proxy: 100 }), 'proxy', /^The proxy localhost did not answer in time/)
      const web = await opened(openPlainPeer(socket => socket.end('HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n')))
      assertFails(await tryOut(proxy(web, 'http')), 'proxy', /does not open a tunnel to localhost:\d+ \(HTTP 405\)/)
    })

    it('is told user and password as Basic has it, whatever their letters', async () => {
      let said = ''
      const peer = await opened(
        openPlainPeer(socket =>
          socket.once('data', data => {
            said = String(data)
            socket.end('HTTP/1.1 407 No\r\n\r\n')
          }),
        ),
      )
      await tryOut({ proxy: proxyAt(`http://localhost:${peer.port}`, { user: 'jörg', password: 'a:b ß' }) })
      const { host } = new URL(upstream.ready.url)
      assert.match(said, new RegExp(`^CONNECT ${host} HTTP/1\\.1\r\nHost: ${host}\r\n`))
      assert.match(said, new RegExp(`Proxy-Authorization: Basic ${Buffer.from('jörg:a:b ß').toString('base64')}\r\n`))
    })

    it('wants a sign-in that we do not speak', async () => {
      const answer = 'HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n'
      const peer = await opened(openPlainPeer(socket => socket.once('data', () => socket.end(answer))))
      assertFails(await tryOut({ proxy: proxyAt(`http://localhost:${peer.port}`) }), 'proxy', /wants a sign-in by Negotiate, NTLM/)
    })
  })

  describe('a real proxy', () => {
    let plain: TestProxy
    let asking: TestProxy
    let narrow: TestProxy
    let wrapped: TestProxy
    const secret = 'not-for_the.log'

    before(async function () {
      if (!hasProxies) this.skip()
      plain = await openTinyproxy()
      asking = await openTinyproxy({ user: ['courier', secret] })
      narrow = await openTinyproxy({ only: 'cloud.example' })
      wrapped = await openStunnel(asking.port, await authority.certify(['localhost']))
    })
    after(async () => {
      for (const each of [plain, asking, narrow, wrapped]) await each?.close()
    })

    const known = { user: 'courier', password: secret }
    const over = (proxy: TestProxy, given = {}, scheme = 'http') => ({ proxy: proxyAt(`${scheme}://localhost:${proxy.port}`, given) })
    const carries = async (changes: Partial<Way>) =>
      assert.equal((await carrier(changes).carry(consignment, upstream.ready)).status, 'refused', 'the container, not the client')

    it('lets us through, and every step says so', async () => {
      const steps = await tryOut(over(plain))
      assert.ok(
        steps.every(({ outcome }) => outcome === 'passed'),
        JSON.stringify(steps),
      )
      assert.match(steps[2]!.sentence, /^The proxy takes connections/)
      assert.match(steps[3]!.sentence, /^localhost lets us through to localhost\.$/)
      await carries(over(plain))
      assert.match(plain.log(), new RegExp(`CONNECT localhost:${new URL(upstream.ready.url).port}`))
    })

    it('with Basic: lets in who it knows, over http and over https', async () => {
      for (const changes of [over(asking, known), over(wrapped, known, 'https')]) {
        const steps = await tryOut(changes)
        assert.match(steps[3]!.sentence, /as courier\.$/, JSON.stringify(steps))
        assert.ok(steps.every(({ outcome }) => outcome === 'passed'))
        assert.ok(steps.every(({ sentence }) => !sentence.includes(secret)))
        await carries(changes)
      }
    })

    it('with Basic: names what is wrong', async () => {
      assertFails(await tryOut(over(asking)), 'proxy', /^The proxy localhost wants to know who asks\. Set a user and a password/)
      const wrong = over(asking, { ...known, password: 'guess' })
      assertFails(await tryOut(wrong), 'proxy', /^The proxy localhost does not accept this user with this password/)
      await assert.rejects(carrier(wrong).carry(consignment, upstream.ready), {
        code: 'CLOUD_UNREACHABLE',
        message: /does not accept this user/,
      })
    })

    it('over https: is not believed without its authority', async () => {
      assertFails(
        await tryOut({ ...over(wrapped, known, 'https'), authorities: [cloudRoot] }),
        'proxy',
        /of the proxy localhost is not trusted here/,
      )
    })

    it('forbids, and cannot get there itself', async () => {
      assertFails(await tryOut(over(narrow)), 'proxy', /does not let us through to localhost:\d+ \(HTTP 403\)/)
      const nobody = `https://localhost:${await freePort()}`
      assertFails(await tryOut(over(plain), nobody), 'proxy', /could not reach localhost:\d+ \(HTTP 50\d\)/)
    })

    it('is passed by for hosts that go without it', async () => {
      const before = plain.log()
      const steps = await tryOut(over(plain, { without: ['localhost'] }))
      assert.deepEqual([steps[3]!.outcome, steps[5]!.outcome], ['skipped', 'passed'])
      assert.equal(plain.log(), before)
    })
  })
})
