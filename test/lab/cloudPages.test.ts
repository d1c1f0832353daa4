import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { ask, type HttpAnswer } from '../support/http.ts'
import { type Branch, courier, openBranch, openUpstream, standProduct, type Upstream } from '../support/upstream.ts'

describe("the pages of the laboratory's cloud", () => {
  let upstream: Upstream
  let cookie: string

  before(async () => {
    upstream = await openUpstream()
    cookie = await signIn(upstream.ready.username, upstream.ready.password)
  })
  after(() => upstream?.close())

  const send = (method: string, path: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
    ask(upstream.ready.url + path, {
      method,
      headers: { ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }), ...headers },
      ca: readFileSync(upstream.ready.cloudRoot, 'utf8'),
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
  const get = (path: string) => send('GET', path, undefined, { cookie })
  const submit = (path: string, form: Record<string, string>, headers = {}) => send('POST', path, form, { cookie, ...headers })
  const signIn = async (username: string, password: string) =>
    (await send('POST', '/sign-in', { username, password })).headers['set-cookie']?.[0]?.split(';')[0] ?? ''

  it('are shown to nobody who has not signed in', async () => {
    for (const path of [
      '/',
      '/smart-accounts',
      '/virtual-accounts/400001',
      '/catalog',
      '/servers',
      '/conversions',
      '/clients',
      '/exchange',
      '/faults',
      '/nothing',
    ]) {
      const { status, headers } = await send('GET', path)
      assert.deepEqual([status, headers.location], [303, `/sign-in?next=${encodeURIComponent(path)}`])
    }
    assert.equal(
      (await send('POST', '/virtual-accounts/400001/licenses', { tag: upstream.ready.tags.advantage, quantity: '1' })).status,
      303,
    )
    assert.equal((await send('GET', '/catalog', undefined, { cookie: '__Host-cloud=guess' })).status, 303)
    assert.equal(await signIn(upstream.ready.username, 'guess'), '')
    assert.equal(await signIn('', ''), '')
  })

  it('let scripts in with name and password, and say no to wrong ones', async () => {
    const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` })
    assert.equal((await send('GET', '/catalog', undefined, basic(upstream.ready.password))).status, 200)
    assert.equal((await send('GET', '/catalog', undefined, basic('guess'))).status, 401)
  })

  it('lead nowhere else after the sign-in', async () => {
    const { username, password } = upstream.ready
    for (const next of ['https://elsewhere.invalid/', '//elsewhere.invalid', '/\\elsewhere.invalid', '']) {
      assert.equal((await send('POST', '/sign-in', { username, password, next })).headers.location, '/')
    }
    assert.equal((await send('POST', '/sign-in', { username, password, next: '/catalog' })).headers.location, '/catalog')
  })

  it('refuse a form that another site sends', async () => {
    const answer = await submit('/smart-accounts', { name: 'Forged' }, { 'Sec-Fetch-Site': 'cross-site' })
    assert.equal(answer.status, 403)
    assert.doesNotMatch((await get('/smart-accounts')).body, /Forged/)
  })

  it('show a Virtual Account with its licenses; a lot is bought, changed and removed', async () => {
    const shop = upstream.shop('Laboratory')
    const before = shop.lots().length
    const { tags } = upstream.ready
    const bought = await submit('/virtual-accounts/400001/licenses', {
      tag: tags.throughput,
      licenseType: 'SUBSCRIPTION',
      quantity: '7',
      startDate: '2026-01-01',
      endDate: '2027-01-01',
      subscriptionId: 'SUB-7',
    })
    assert.deepEqual([bought.status, bought.headers.location], [303, '/virtual-accounts/400001'])
    const lot = shop.lots().at(-1)!
    assert.match(
      (await get('/virtual-accounts/400001')).body,
      new RegExp(`L-${lot.id} .*subscription.*active.*2026-01-01.*2027-01-01.*SUB-7`, 's'),
    )
    await submit(`/virtual-accounts/400001/licenses/${lot.id}/quantity`, { quantity: '9' })
    assert.equal(shop.lots().at(-1)?.quantity, 9)
    await submit(`/virtual-accounts/400001/licenses/${lot.id}/removal`, {})
    assert.equal(shop.lots().length, before)
  })

  it('say what is wrong with a form, and change nothing', async () => {
    const lot = { tag: upstream.ready.tags.advantage, licenseType: 'TERM', quantity: '1', startDate: '', endDate: '' }
    for (const [changes, sentence] of [
      [{ quantity: '0' }, /Give a whole number from 1/],
      [{ tag: 'nothing', endDate: '2030-01-01' }, /Choose a license of the catalog/],
      [{}, /Only a perpetual license has no end/],
      [{ startDate: '2030-01-01', endDate: '2029-01-01' }, /must end after it begins/],
      [{ endDate: 'soon' }, /Give a day/],
    ] as const) {
      const answer = await submit('/virtual-accounts/400001/licenses', { ...lot, ...changes })
      assert.equal(answer.status, 422)
      assert.match(answer.body, sentence)
    }
    assert.equal((await submit('/smart-accounts', { name: 'example corp' })).status, 422)
    assert.equal((await get('/virtual-accounts/1')).status, 422)
  })

  it('let traditional licenses become others, which the next synchronization tells', async () => {
    const { advantage } = upstream.ready.tags
    const rule = { source: 'RTU', sku: 'EX-OLD', feature: '', tag: advantage, factor: '3' }
    for (const [changes, sentence] of [
      [{ source: 'GIFT' }, /Choose where the traditional license comes from/],
      [{ sku: ' ' }, /Give an SKU/],
      [{ tag: 'nothing' }, /Choose a license of the catalog/],
      [{ factor: '0' }, /as the factor/],
    ] as const) {
      const answer = await submit('/catalog/conversions', { ...rule, ...changes })
      assert.equal(answer.status, 422)
      assert.match(answer.body, sentence)
    }
    assert.equal((await submit('/catalog/conversions', rule)).status, 303)
    assert.match((await get('/catalog')).body, /EX-OLD<\/td><td[^>]*>any<\/td>\s*<td[^>]*>Network Advantage<\/td><td[^>]*>3</)
    assert.match((await get('/conversions')).body, /No product has asked for a conversion yet/)
    const branch = await openBranch(upstream)
    const account = await branch.register('Converting')
    const { db } = branch.context.storage
    const key = { local_account_id: account.id, product_instance_id: randomUUID(), conversion_id: randomUUID() }
    await db('conversions').insert({ ...key, request_hash: Buffer.alloc(32), name: 'edge-1', requested_at: upstream.clock.now() })
    await db('conversion_lines').insert([
      { ...key, line: 1, source: 'RTU', sku: 'EX-OLD', count: 2 },
      { ...key, line: 2, source: 'PAK', sku: '<b>EX</b>', count: 1 },
    ])
    await synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')
    const { body } = await get('/conversions')
    assert.match(body, new RegExp(`${key.product_instance_id}.*RTU EX-OLD.*converted.*Network Advantage.*>6<.*L-\\d+`, 's'))
    assert.match(body, /&lt;b&gt;EX.*not eligible<br>The catalog has nothing/s)
    await branch.close()
  })

  it('write what others have called themselves as text', async () => {
    await submit('/smart-accounts', { name: '<script>alert(1)</script>' })
    const { body, headers } = await get('/smart-accounts')
    assert.match(body, /&lt;script&gt;/)
    assert.doesNotMatch(body, /<script>alert/)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  })

  it('make an OAuth client for one Smart Account, which may not register with another', async () => {
    await submit('/smart-accounts', { name: 'Example Two' })
    const two = /smart-accounts\/(\d+)">Example Two/.exec((await get('/smart-accounts')).body)![1]!
    const made = await submit('/clients', { name: 'Narrow', smartAccount: two })
    const [, clientId, clientSecret] = /Client id <code[^>]*>([^<]+)<.*Client secret <code[^>]*>([^<]+)</s.exec(made.body)!
    const branch = await openBranch(upstream)
    const credentials = { clientId: clientId!, clientSecret: clientSecret! }
    await assert.rejects(branch.register('Laboratory', { credentials }), { code: 'WRONG_ACCOUNT', message: /may not register/ })
    const account = await branch.register('Elsewhere', { smartAccount: 'Example Two', credentials })
    assert.equal(account.state, 'registered')
    assert.doesNotMatch((await get('/clients')).body, new RegExp(clientSecret!))
    await submit(`/clients/${clientId}/revocation`, {})
    await assert.rejects(synchronizeLocalAccount(branch.context, administrator, account.id, 'standard'), { code: 'CLOUD_UNREACHABLE' })
    await branch.close()
  })

  describe('of servers', () => {
    let branch: Branch

    before(async () => {
      branch = await openBranch(upstream)
    })
    after(() => branch?.close())

    it('show what each reported, and take a registration away', async () => {
      const account = await branch.register('Laboratory')
      await standProduct(branch, account, { hostname: 'shown-in-the-cloud' })
      await synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')
      const id = /registrations\/(\d+)">Laboratory/.exec((await get('/servers')).body)![1]!
      assert.match((await get(`/registrations/${id}`)).body, /shown-in-the-cloud/)
      assert.match((await get('/virtual-accounts/400001')).body, /linked to the Local Account/)
      await submit(`/registrations/${id}/removal`, {})
      assert.match((await get('/virtual-accounts/400001')).body, /linked to no Local Account/)
      assert.equal((await get(`/registrations/${id}`)).status, 422)
    })

    it('take a request that was pasted and give the response as a file', async () => {
      await branch.register('Second site')
      const request = readFileSync(`${upstream.exchanges}/Second-site-0.registration-request.json`, 'utf8')
      const answer = await submit('/exchange', { file: request })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['content-disposition'], 'attachment; filename=Second-site-0.registration-response.json')
      assert.equal(answer.body, await courier(upstream, request))
      const refused = await submit('/exchange', { file: '{}' })
      assert.match(refused.body, /FILE_MALFORMED/)
    })
  })

  it('set faults', async () => {
    await submit('/faults', { refuse: '1', slowSeconds: '0', wrongClockHours: '-2' })
    assert.match((await get('/faults')).body, /name="refuse" type="number" value="1"/)
    assert.equal((await submit('/faults', { refuse: '-1' })).status, 422)
    await submit('/faults', { refuse: '0', wrongClockHours: '0' })
  })

  it('end with the sign-out', async () => {
    const another = await signIn(upstream.ready.username, upstream.ready.password)
    await send('POST', '/sign-out', {}, { cookie: another })
    assert.equal((await send('GET', '/catalog', undefined, { cookie: another })).status, 303)
    assert.equal((await get('/catalog')).status, 200)
  })
})
