import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mapGroup } from '../../src/administration/directory/mapGroup.ts'
import { disableUser } from '../../src/administration/disableUser.ts'
import { trustAuthorities } from '../../src/administration/network/trustAuthorities.ts'
import { hour, minute } from '../../src/rules/clock.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindow } from '../support/browser.ts'
import { type Answer, type HttpVisitor, httpVisitor } from '../support/httpVisitor.ts'
import { type OpenIdProvider, openIdProvider } from '../support/openIdProvider.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('single sign-on with OpenID Connect', function () {
  this.timeout(180_000)
  let site: Site
  let provider: OpenIdProvider
  let ada: HttpVisitor
  before(async () => {
    site = await openSite({ start: new Date() })
    provider = await openIdProvider(site.url)
    ada = await site.signedIn('Ada')
  })
  beforeEach(() => {
    site.clock.set(new Date())
    Object.assign(provider, { forge: undefined, forgeWith: undefined, instead: undefined })
    provider.person = person('grace')
  })
  afterEach(closeWindows)
  after(async () => {
    await closeBrowser()
    await provider?.close()
    await site?.close()
  })

  const person = (name: string, more: object = {}) => ({
    ...{ sub: `id-of-${name}`, preferred_username: name, name: `${name} of the tests`, email: `${name}@example.com`, email_verified: true },
    ...{ groups: ['network team'], ...more },
  })
  const form = (given: object = {}) => ({
    ...{ name: 'Example ID', issuer: provider.issuer, clientId: provider.clientId, secret: provider.secret, address: site.url },
    ...{
      scope: 'openid profile email',
      usernameClaim: 'preferred_username',
      nameClaim: 'name',
      emailClaim: 'email',
      groupsClaim: 'groups',
    },
    ...given,
  })
  const licenses = () => paths.licensing.licenses(site.home.account.uuid)

  /** Where a page sends the browser by itself. */
  const onward = ({ headers }: Answer) => String(headers.refresh ?? '').replace('0; url=', '')

  /** Begins at the sign-in page, and gives where the provider sends the browser back to. */
  async function begin(visitor: HttpVisitor, next = ''): Promise<string> {
    const begun = await visitor.submit(paths.signIn, paths.openId, { next })
    assert.equal(begun.status, 200, begun.text)
    const there = httpVisitor(Number(new URL(provider.issuer).port))
    let where = onward(begun)
    for (let steps = 0; !where.startsWith(site.url) && steps < 6; steps++) {
      const { pathname, search } = new URL(where, provider.issuer)
      const answer = await there.send('GET', pathname + search)
      assert.equal(answer.status, 303, answer.text)
      where = new URL(String(answer.headers.location), provider.issuer).href
    }
    return where.slice(site.url.length)
  }

  async function signIn(next = ''): Promise<{ visitor: HttpVisitor; answer: Answer }> {
    const visitor = site.visitor()
    const back = await begin(visitor, next)
    return { visitor, answer: await visitor.get(back) }
  }

  it('is set by an administrator, and a trial says which step fails', async () => {
    assert.doesNotMatch((await site.visitor().get(paths.signIn)).text, /Sign in with/)
    for (const [field, value] of [
      ['issuer', 'http://127.0.0.1'],
      ['address', `${site.url}/somewhere`],
      ['scope', 'profile'],
      ['secret', ''],
    ] as const)
      assert.match((await ada.submit(admin.openId, admin.openId, form({ [field]: value }))).text, new RegExp(`id="${field}-help"`))
    assert.equal((await ada.submit(admin.openId, admin.openId, form())).status, 303)
    const page = (await ada.get(admin.openId)).text
    assert.ok(page.includes(`${site.url}/sign-in/openid/return`) && !page.includes(provider.secret))
    const trial = async () => (await ada.submit(admin.openId, admin.openIdTest, {})).text
    assert.match(await trial(), /Certificate \(TLS\)<\/p><p[^>]*>[^<]* is not trusted here/)
    await trustAuthorities(site.context, administrator, provider.authority.root.pem)
    const good = await trial()
    assert.doesNotMatch(good, /Failed/)
    assert.match(good, /1 key at/)
    assert.match(good, /takes quartermaster with its secret/)
    await ada.submit(admin.openId, admin.openId, form({ secret: 'a wrong one' }))
    assert.match(await trial(), /does not take quartermaster with this secret/)
    await ada.submit(admin.openId, admin.openId, form())
    provider.instead = (request, response) => {
      if (request.url?.startsWith('/.well-known')) response.writeHead(404).end()
      return request.url!.startsWith('/.well-known')
    }
    assert.match(await trial(), /There is no description of a provider below/)
    assert.ok(!site.context.logged.join().includes(provider.secret))
  })

  it('lets nobody in without a role, and says administrators which groups were told', async () => {
    const { answer } = await signIn()
    assert.equal(answer.status, 422)
    assert.match(answer.text, /no role is given to you or to a group of yours/)
    assert.match((await ada.get(admin.trail)).text, /A sign-in with Example ID was refused: [^<]*network team/)
  })

  it('makes a user at the first sign-in, with the roles of the groups', async () => {
    const assignment = { role: 'smart-account-user' as const, localAccountId: site.home.account.id }
    await mapGroup(site.context, administrator, { origin: 'openid', pattern: 'network *', assignment })
    const { visitor, answer } = await signIn(licenses())
    assert.equal(answer.status, 200, answer.text)
    assert.equal(onward(answer), licenses())
    assert.ok(visitor.cookies.has('__Host-session') && !visitor.cookies.has('__Host-away'))
    assert.equal((await visitor.get(licenses())).status, 200)
    assert.equal((await visitor.get(admin.home)).status, 404)
    const page = (await ada.get(admin.user('grace'))).text
    assert.match(page, /grace of the tests/)
    assert.match(page, /The identity provider/)
  })

  it('follows the groups at the next sign-in, and asks for one each hour', async () => {
    const first = await signIn()
    provider.person = person('grace', { groups: ['network team', 'heads'] })
    await mapGroup(site.context, administrator, { origin: 'openid', pattern: 'heads', assignment: { role: 'system-operator' } })
    const second = await signIn()
    assert.equal((await second.visitor.get(admin.home)).status, 200)
    assert.equal((await first.visitor.get(licenses())).status, 303, 'rights changed: the session before is over')
    provider.person = person('grace', { groups: [] })
    assert.equal((await signIn()).answer.status, 422)
    provider.person = person('grace')
    const { visitor } = await signIn()
    for (let minutes = 0; minutes < 60; minutes += 5) {
      assert.equal((await visitor.get(licenses())).status, 200)
      site.clock.advance(5 * minute)
    }
    assert.equal((await visitor.get(licenses())).status, 303)
  })

  it('takes what comes back once, in the browser that began, within its time', async () => {
    const visitor = site.visitor()
    const back = await begin(visitor)
    assert.match((await site.visitor().get(back)).text, /not begun in this browser/)
    const id = visitor.cookies.get('__Host-away')!
    assert.equal((await visitor.get(back)).status, 200)
    const again = site.visitor()
    again.cookies.set('__Host-away', id)
    assert.match((await again.get(back)).text, /not begun in this browser/)
    const late = site.visitor()
    const lateBack = await begin(late)
    site.clock.advance(15 * minute)
    assert.match((await late.get(lateBack)).text, /too long ago/)
  })

  it('believes no answer with another state, nonce, audience, issuer, key or time', async () => {
    const changed = async (change: (back: string) => string) => {
      const visitor = site.visitor()
      return visitor.get(change(await begin(visitor)))
    }
    const refused = (answer: Answer) => {
      assert.equal(answer.status, 422, answer.text)
      assert.match(answer.text, /did not let you in, or what it says of you cannot be believed/)
    }
    refused(await changed(back => back.replace(/state=[^&]+/, 'state=another')))
    refused(await changed(back => back.replace(/code=[^&]+/, 'code=another')))
    refused(await changed(back => back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fother.example.com')))
    refused(await changed(back => `${back.split('?')[0]}?error=access_denied&error_description=not%20you&state=x`))
    for (const forged of [
      { nonce: 'another' },
      { aud: 'another' },
      { iss: 'https://other.example.com' },
      { exp: 1 },
      { sub: 'somebody else' },
    ]) {
      provider.forge = claims => ({ ...claims, ...forged })
      refused((await signIn()).answer)
    }
    provider.forge = claims => claims
    assert.equal((await signIn()).answer.status, 200, 'the same token signed anew is believed')
    provider.forgeWith = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    refused((await signIn()).answer)
  })

  it('lives with clocks that differ by a minute, and says so where they differ by more', async () => {
    site.clock.advance(-50_000)
    assert.equal((await signIn()).answer.status, 200)
    site.clock.set(new Date(Date.now() + hour))
    assert.equal((await signIn()).answer.status, 422)
    assert.match(site.context.logged.join(), /Set the clocks of both machines/)
  })

  it('goes on when the provider changes its keys', async () => {
    provider.rotate()
    assert.equal((await signIn()).answer.status, 200)
  })

  it('gives a name of a local user to nobody, and lets in nobody who is disabled', async () => {
    provider.person = person('ada')
    assert.match((await signIn()).answer.text, /There is another user ada here/)
    provider.person = person('hedy')
    assert.equal((await signIn()).answer.status, 200)
    await disableUser(site.context, administrator, 'hedy')
    assert.match((await signIn()).answer.text, /disabled or locked here/)
    provider.person = person('grace', { preferred_username: undefined })
    assert.match((await signIn()).answer.text, /sends no preferred_username/)
    provider.person = person('grace', { groups: undefined, _claim_names: { groups: 'src1' } })
    assert.equal((await signIn()).answer.status, 422)
  })

  it('says that the provider cannot be asked, and leaves local users their way', async () => {
    provider.instead = request => request.socket.destroy() !== undefined
    const begun = await site.visitor().submit(paths.signIn, paths.openId, {})
    assert.match(begun.text, /Example ID cannot be asked at this moment/)
    assert.equal((await (await site.signedIn('Sofia')).get(licenses())).status, 200)
  })

  it('signs out at the provider too', async () => {
    const { visitor } = await signIn()
    const out = await visitor.submit(licenses(), paths.signOut, {})
    const end = new URL(onward(out))
    assert.equal(end.origin, provider.issuer)
    assert.equal(end.searchParams.get('post_logout_redirect_uri'), `${site.url}${paths.signIn}`)
    assert.ok(end.searchParams.get('id_token_hint'))
    assert.equal((await visitor.get(licenses())).status, 303)
  })

  for (const scripts of [true, false])
    it(`works in a real browser, ${scripts ? 'with' : 'without'} scripts, and leads to where one wanted`, async () => {
      const { page, complaints } = await openWindow(site, { scripts })
      await page.goto(licenses())
      if (scripts) await assertAccessible(page)
      await page.getByRole('button', { name: 'Sign in with Example ID' }).click()
      await page.waitForURL(url => url.pathname === licenses())
      await page.getByRole('heading', { name: 'Licenses', level: 1 }).waitFor()
      assert.deepEqual(complaints, [])
    })

  it('ends with the provider: who came from it is signed out', async () => {
    const { visitor } = await signIn()
    assert.equal((await ada.submit(admin.openIdRemoval, admin.openIdRemoval, {})).status, 303)
    assert.equal((await visitor.get(licenses())).status, 303)
    assert.doesNotMatch((await site.visitor().get(paths.signIn)).text, /Sign in with/)
  })
})
