import assert from 'node:assert/strict'
import { minute } from '../../src/rules/clock.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { insertLocalAccount } from '../../src/storage/localAccounts.ts'
import { registeredAccount } from '../support/account.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

describe('pages of the Admin workspace', () => {
  let site: Site
  let ada: HttpVisitor
  before(async () => {
    // Making two RSA keys takes a busy machine its time: the pages wait for what comes of them.
    site = await openSite({ patience: minute })
    ada = await site.signedIn('Ada')
    await site.signedIn('Sofia')
  })
  after(() => site.close())

  const account = () => `/admin/accounts/${site.home.account.uuid}`
  const asked = [
    ['/admin', 'id="overview"'],
    ['/admin/accounts', 'id="accounts"'],
    ['account', 'id="synchronization"'],
    ['/admin/network', 'id="trust-store"'],
    ['/admin/high-availability', 'id="setup"'],
    ['/admin/users', 'id="users"'],
    ['/admin/users/sofia/disabling', 'Disable sofia?'],
    ['/admin/users/sofia/password-reset', 'Reset the password of sofia?'],
    ['/account-picker', 'id="picked"'],
  ] as const

  for (const [name, mark] of asked) {
    it(`are a page and a fragment of it: ${name}`, async () => {
      const path = name === 'account' ? account() : name
      const [page, fragment] = [await ada.get(path), await ada.fragment(path)]
      assert.deepEqual([page.status, fragment.status], [200, 200])
      assert.match(page.text, /^<!doctype html>/)
      assert.doesNotMatch(fragment.text, /<html|<body|<h1/)
      for (const { text, headers } of [page, fragment]) {
        assert.ok(text.includes(mark), mark)
        assert.match(String(headers.vary), /HX-Request-Type/)
      }
    })
  }

  it('have one h1 each, a title of their own, and a way back', async () => {
    const titles = new Set<string>()
    for (const path of ['/admin/accounts', '/admin/accounts/new', account(), '/admin/users', '/admin/users/new', '/admin/users/sofia']) {
      const { text } = await ada.get(path)
      assert.equal(text.match(/<h1/g)?.length, 1, path)
      assert.match(text, /aria-label="Breadcrumb"/)
      titles.add(/<title>(.*) · Quartermaster<\/title>/.exec(text)![1]!)
    }
    assert.equal(titles.size, 6)
  })

  it('are not sent again while a part of them stays the same', async () => {
    const live = { 'X-Unattended': '1' }
    const first = await ada.fragment('/admin/users', live)
    const tag = String(first.headers['hx-ptag'])
    const again = await ada.fragment('/admin/users', { ...live, 'HX-PTag': tag })
    assert.deepEqual([again.status, again.text], [204, ''])
    await site.visitor().signIn('sofia', castPassword)
    const changed = await ada.fragment('/admin/users', { ...live, 'HX-PTag': tag })
    assert.equal(changed.status, 200)
    assert.notEqual(changed.headers['hx-ptag'], tag)
    assert.equal((await ada.fragment('/admin/users', { 'HX-PTag': tag })).status, 200, 'a person gets what they ask for')
  })

  it('escape whatever people wrote', async () => {
    const name = `<img src=x onerror=alert(1)> "'&`
    const { account } = await registeredAccount(site.context, { name })
    for (const path of [
      '/admin/accounts',
      '/account-picker',
      `/admin/accounts/${account.uuid}`,
      `/admin/accounts?search=${encodeURIComponent(name)}`,
    ]) {
      const { text } = await ada.get(path)
      assert.ok(text.includes('&lt;img src=x onerror=alert(1)&gt;'), path)
      assert.ok(!text.includes('<img src=x'), path)
    }
  })

  it('find accounts by a part of a name, in any capitals', async () => {
    await registeredAccount(site.context, { name: 'Harbour crane' })
    const { text } = await ada.fragment('/admin/accounts?search=HARB')
    assert.match(text, /Harbour crane/)
    assert.doesNotMatch(text, /Laboratory<\/a>/)
    assert.match((await ada.fragment('/admin/accounts?search=100%25_')).text, /No account found/)
  })

  it('show each person in the picker the accounts that are theirs', async () => {
    await registeredAccount(site.context, { name: 'Somebody else’s' })
    const sofia = await site.signedIn('Sofia')
    const { text } = await sofia.fragment('/account-picker')
    assert.match(text, /Laboratory/)
    assert.doesNotMatch(text, /Somebody else/)
    assert.match((await ada.fragment('/account-picker')).text, /Somebody else/)
  })

  it('keep what was typed in a form that does not fit, and say what is wrong at each field and above', async () => {
    const answer = await ada.submit('/admin/accounts/new', '/admin/accounts', {
      name: 'Plant 7',
      smartAccount: '',
      virtualAccount: '',
      clientId: 'only one of the two',
    })
    assert.equal(answer.status, 422)
    assert.match(answer.text, /value="Plant 7"/)
    assert.match(answer.text, /3 fields need another look/)
    assert.match(answer.text, /href="#smartAccount"/)
    assert.match(answer.text, /id="smartAccount"[^>]*aria-invalid="true" aria-describedby="smartAccount-help"/)
  })

  it('tell at once when the cloud cannot be reached, and keep the account for another try', async () => {
    site.context.cloud.carry = () => Promise.reject(new Refusal('CLOUD_UNREACHABLE', 'The cloud cannot be reached at this moment.'))
    const answer = await ada.submit('/admin/accounts/new', '/admin/accounts', {
      name: 'Plant 8',
      smartAccount: 'Example Corp',
      virtualAccount: 'Plant 8',
      clientId: 'client',
      clientSecret: 'not a word of this in any answer',
    })
    assert.equal(answer.status, 422)
    assert.match(answer.text, /The cloud cannot be reached at this moment\./)
    assert.match((await ada.get('/admin/accounts?search=plant+8')).text, /Requested[\s\S]*Last attempt failed/)
    assert.ok(!answer.text.includes('not a word of this'))
    assert.ok(!site.context.logged.join('').includes('not a word of this'))
  })

  it('offer another try for an account whose registration did not end', async () => {
    const { uuid } = await insertLocalAccount(site.context.storage.db, {
      uuid: crypto.randomUUID(),
      name: 'Unfinished',
      state: 'approved',
      smartAccount: { id: null, name: 'Example Corp' },
      virtualAccount: { id: null, name: 'Unfinished yard' },
      requestedBy: 'ada',
      requestedAt: site.clock.now(),
    })
    assert.match((await ada.get(`/admin/accounts/${uuid}`)).text, new RegExp(`/admin/accounts/new\\?again=${uuid}`))
    assert.match((await ada.get(`/admin/accounts/new?again=${uuid}`)).text, /value="Unfinished yard"/)
  })

  it('say what a synchronization is doing, and why one failed', async () => {
    const { db } = site.context.storage
    const exchange = (state: string, message: string | null) => ({
      local_account_id: site.home.account.id,
      kind: 'standard',
      carrier: 'network',
      reason: 'MANUAL',
      state,
      sequence: 2,
      request_id: crypto.randomUUID(),
      nonce: 'n',
      request_hash: 'h',
      request: 'r',
      requested_by: 'ada',
      created_at: site.clock.now(),
      message,
    })
    await db('synchronizations').insert(exchange('failed', 'The cloud did not answer.'))
    assert.match((await ada.fragment(account())).text, /Standard synchronization failed[\s\S]*The cloud did not answer\./)
    await db('synchronizations').insert(exchange('outstanding', null))
    const running = await ada.fragment(account())
    assert.match(running.text, /Standard synchronization is running/)
    assert.match(running.text, /hx-trigger="every 2s"/)
    assert.match((await ada.fragment('/admin/accounts')).text, /Synchronizing/)
  })

  it('give a number to quote when they fail, and keep the reason in the log', async () => {
    const { pages } = site.context.storage
    site.context.storage.pages = { raw: () => assert.fail('a secret of the database') } as unknown as typeof pages
    try {
      const page = await ada.get('/admin/users')
      assert.equal(page.status, 500)
      const number = /class="qm-number">([0-9a-f]{12})</.exec(page.text)?.[1]
      assert.ok(number)
      assert.doesNotMatch(page.text, /secret of the database|at .*\.ts:/)
      assert.ok(site.context.logged.some(line => line.includes(number) && line.includes('a secret of the database')))
      const part = await ada.fragment('/admin/users')
      assert.equal(part.headers['hx-reswap'], 'none')
      assert.match(part.text, /<hx-partial hx-target="#notices"[\s\S]*Number to quote/)
    } finally {
      site.context.storage.pages = pages
    }
  })

  it('are finished pages even when nobody can be asked who comes', async () => {
    const { db } = site.context.storage
    site.context.storage.db = { raw: () => assert.fail('no database') } as unknown as typeof db
    try {
      const page = await ada.get('/admin')
      assert.equal(page.status, 500)
      assert.match(page.text, /Number to quote/)
    } finally {
      site.context.storage.db = db
    }
  })

  it('refuse what no browser sends, without a fault', async () => {
    const token = await ada.token('/admin')
    const large = await ada.send('POST', '/theme', { form: { _token: token, theme: 'x'.repeat(300_000) } })
    assert.equal(large.status, 400)
    assert.equal((await ada.get('/admin/users/%E0%A4%A')).status, 400)
  })
})

describe('users', () => {
  let site: Site
  let ada: HttpVisitor
  beforeEach(async () => {
    site = await openSite()
    ada = await site.signedIn('Ada')
  })
  afterEach(() => site.close())

  const secretOf = (text: string) => /id="secret">([^<]+)</.exec(text)?.[1] ?? ''

  it('are added with a password that is shown once and changed at the first sign-in', async () => {
    const form = { username: 'mia', displayName: 'Mia', role: 'smart-account-user', account: 'laboratory' }
    const added = await ada.submit('/admin/users/new', '/admin/users', form)
    const password = secretOf(added.text)
    assert.match(password, /^(\w{5}-){4}\w{5}$/)
    assert.doesNotMatch((await ada.get('/admin/users/mia')).text, new RegExp(password))
    assert.equal((await site.visitor().signIn('mia', password)).headers.location, '/password')
    assert.match((await ada.get('/admin/users')).text, /Smart Account user <span class="qm-quiet">in Laboratory/)
    assert.ok(!site.context.logged.join('').includes(password))
  })

  it('are refused with a name that is taken, in whatever capitals, or in a place that is not there', async () => {
    const add = (form: Record<string, string>) => ada.submit('/admin/users/new', '/admin/users', { role: 'none', ...form })
    assert.match((await add({ username: 'ADA' })).text, /There is a user ADA already/)
    assert.match((await add({ username: 'a/b' })).text, /letters, digits, dots/)
    assert.match((await add({ username: 'mia', role: 'smart-account-user' })).text, /Name the Local Account/)
    assert.match((await add({ username: 'mia', role: 'smart-account-user', account: 'Nowhere' })).text, /no Local Account of this name/)
    const part = { role: 'virtual-account-user', account: 'Laboratory', localVirtualAccount: 'Nowhere' }
    assert.match((await add({ username: 'mia', ...part })).text, /no Local Virtual Account of this name/)
    assert.match((await add({ username: 'mia', role: 'emperor' })).text, /Choose a role/)
  })

  it('are disabled after a question, and enabled again', async () => {
    const sam = await site.signedIn('Sam')
    const done = await ada.submit('/admin/users/sam/disabling', '/admin/users/sam/disabling', {})
    assert.equal(done.headers.location, '/admin/users/sam')
    assert.equal((await sam.get('/')).headers.location, '/sign-in')
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 422)
    await ada.submit('/admin/users/sam', '/admin/users/sam/enabling', {})
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 303)
  })

  it('cannot disable themselves', async () => {
    await ada.submit('/admin/users', '/admin/users/ada/disabling', {})
    assert.match((await ada.get('/admin/users/ada')).text, /You cannot disable yourself/)
  })

  it('are unlocked before their time', async () => {
    await site.signedIn('Sam')
    for (let i = 0; i < 3; i++) await site.visitor().signIn('sam', 'not the password')
    assert.match((await ada.get('/admin/users/sam')).text, /Locked/)
    await ada.submit('/admin/users/sam', '/admin/users/sam/unlocking', {})
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 303)
  })

  it('get a new password, and their sessions end', async () => {
    const sam = await site.signedIn('Sam')
    const reset = await ada.submit('/admin/users/sam/password-reset', '/admin/users/sam/password-reset', {})
    assert.equal((await sam.get('/')).headers.location, '/sign-in')
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 422)
    assert.equal((await site.visitor().signIn('sam', secretOf(reset.text))).headers.location, '/password')
  })

  it('choose their theme, and the server sends it', async () => {
    await ada.submit('/admin', '/theme', { theme: 'dark', next: '/admin' })
    assert.match((await ada.get('/admin')).text, /<html lang="en" data-theme="dark" class="pf-v6-theme-dark">/)
  })
})
