import assert from 'node:assert/strict'
import { Secret, TOTP } from 'otpauth'
import { createAdministrator } from '../../src/administration/createAdministrator.ts'
import { changeSecurity } from '../../src/administration/security/changeSecurity.ts'
import { hour, minute, second } from '../../src/rules/clock.ts'
import { standardSecurity } from '../../src/rules/security.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindow } from '../support/browser.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('a second factor', function () {
  this.timeout(120_000)
  let site: Site
  let sam: HttpVisitor
  let authenticator: TOTP
  let recovery: string[]
  before(async () => {
    site = await openSite()
    sam = await site.signedIn('Sam')
  })
  afterEach(closeWindows)
  after(async () => {
    await closeBrowser()
    await site.close()
  })

  /** What the authenticator shows, when the clock has gone on to the next half minute. */
  function nextCode(): string {
    site.clock.advance(30 * second)
    return authenticator.generate({ timestamp: site.clock.now().getTime() })
  }
  const secretIn = (text: string) => /class="qm-key">([^<]+)</.exec(text)![1]!.replaceAll(' ', '')
  const codesIn = (text: string) => [...text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code]) => code!)
  const licenses = () => paths.licensing.licenses(site.home.account.uuid)

  /** Somebody who has given the password. */
  async function halfway(name = 'sam'): Promise<HttpVisitor> {
    const visitor = site.visitor()
    const answer = await visitor.signIn(name, castPassword, licenses())
    assert.equal(answer.headers.location, paths.code)
    return visitor
  }
  const give = (visitor: HttpVisitor, code: string) => visitor.submit(paths.code, paths.code, { code })

  it('is set up with an authenticator, and gives recovery codes once', async () => {
    await sam.submit(paths.secondFactor, paths.secondFactor, {})
    const page = (await sam.get(paths.secondFactor)).text
    assert.match(page, /<svg/)
    authenticator = new TOTP({ secret: Secret.fromBase32(secretIn(page)), period: 30 })
    const wrong = await sam.submit(paths.secondFactor, paths.secondFactorConfirmation, { code: '000000' })
    assert.match(wrong.text, /not the code that your authenticator shows/)
    assert.equal((await site.visitor().signIn('sam', castPassword)).headers.location, '/', 'it does not count before')
    const on = await sam.submit(paths.secondFactor, paths.secondFactorConfirmation, { code: nextCode() })
    recovery = codesIn(on.text)
    assert.equal(new Set(recovery).size, 10)
    const later = (await sam.get(paths.secondFactor)).text
    assert.ok(!later.includes(secretIn(page)) && !later.includes(recovery[0]!))
    assert.match(later, /10 recovery codes/)
  })

  it('is asked for after the password, before there is a session', async () => {
    const visitor = await halfway()
    assert.ok(!visitor.cookies.has('__Host-session'))
    assert.equal((await visitor.get(licenses())).status, 303)
    const answer = await give(visitor, nextCode())
    assert.equal(answer.headers.location, licenses())
    assert.equal((await visitor.get(licenses())).status, 200)
    assert.ok(!visitor.cookies.has('__Host-waiting'))
  })

  it('takes no code twice, none that is old, and none of somebody else', async () => {
    const code = nextCode()
    assert.equal((await give(await halfway(), code)).status, 303)
    assert.equal((await give(await halfway(), code)).status, 422)
    assert.equal((await give(await halfway(), nextCode())).status, 303)
    const old = authenticator.generate({ timestamp: site.clock.now().getTime() })
    site.clock.advance(2 * minute)
    assert.equal((await give(await halfway(), old)).status, 422)
    assert.equal((await give(await halfway(), nextCode())).status, 303)
  })

  it('of many at once with one code lets one in', async () => {
    const last = await halfway()
    await last.token(paths.code)
    const code = nextCode()
    const answers = await Promise.all([1, 2, 3].map(() => give(last, code)))
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
    site.clock.advance(30 * minute)
  })

  it('counts wrong codes like wrong passwords, and right passwords between them change nothing', async () => {
    for (let failures = 0; failures < 3; failures++) {
      const { status, text } = await give(await halfway(), '123456')
      assert.equal(status, 422)
      assert.ok(!text.includes('123456'), 'a code is not sent back')
    }
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 422, 'locked')
    site.clock.advance(16 * minute)
    const visitor = await halfway()
    for (let failures = 0; failures < 3; failures++) await give(visitor, '123456')
    assert.equal((await give(visitor, nextCode())).status, 422, 'locked in the middle')
    site.clock.advance(16 * minute)
    assert.equal((await give(await halfway(), nextCode())).status, 303)
  })

  it('waits five minutes for the code, in the browser that gave the password', async () => {
    const visitor = await halfway()
    site.clock.advance(6 * minute)
    assert.match((await give(visitor, nextCode())).text, /The password was given too long ago/)
    const ended = await halfway()
    await (await site.signedIn('Ada')).submit(admin.sessions, admin.sessionsEnd('sam'), {})
    assert.match((await give(ended, nextCode())).text, /The password was given too long ago/, 'it ends with the sessions')
    const stranger = site.visitor()
    assert.equal((await stranger.get(paths.code)).headers.location, paths.signIn)
    assert.equal((await stranger.submit(paths.signIn, paths.code, { code: nextCode() })).status, 422)
    assert.ok(!stranger.cookies.has('__Host-session'))
  })

  it('takes each recovery code once, and says in the trail how many are left', async () => {
    assert.equal((await give(await halfway(), recovery[0]!.toUpperCase())).status, 303)
    assert.equal((await give(await halfway(), recovery[0]!)).status, 422)
    assert.equal((await give(await halfway(), recovery[1]!.replace('-', ' '))).status, 303)
    const ada = await site.signedIn('Ada')
    assert.match((await ada.get(admin.trail)).text, /sam signed in with a recovery code, of which 8 are left/)
    const again = site.visitor()
    await again.signIn('sam', castPassword)
    await give(again, nextCode())
    const renewed = codesIn((await again.submit(paths.secondFactor, paths.recoveryCodes, { code: nextCode() })).text)
    assert.equal(renewed.length, 10)
    assert.equal((await give(await halfway(), recovery[2]!)).status, 422)
    recovery = renewed
  })

  it('keeps no secret in clear, neither in the database nor in the log', async () => {
    const { rows } = await site.context.storage.db.raw("select encode(secret, 'escape') as text from second_factors")
    assert.ok(!rows[0].text.includes(authenticator.secret.base32))
    const log = site.context.logged.join()
    assert.ok(![authenticator.secret.base32, ...recovery].some(secret => log.includes(secret)))
  })

  it('is obligatory where the setting says so, before anything else is seen', async () => {
    await changeSecurity(site.context, administrator, { ...standardSecurity, secondFactor: 'servers' })
    const otto = await site.signedIn('Otto')
    for (const page of [admin.home, paths.home, paths.accountPicker, paths.preferences])
      assert.equal((await otto.get(page)).headers.location, paths.secondFactor, page)
    assert.match((await otto.get(paths.secondFactor)).text, /Your roles ask for a second factor/)
    assert.equal((await (await site.signedIn('Sofia')).get(licenses())).status, 200)
    await otto.submit(paths.secondFactor, paths.secondFactor, {})
    const secret = secretIn((await otto.get(paths.secondFactor)).text)
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: site.clock.now().getTime() })
    assert.equal((await otto.submit(paths.secondFactor, paths.secondFactorConfirmation, { code })).status, 200)
    assert.equal((await otto.get(admin.home)).status, 200)
    assert.doesNotMatch((await otto.get(paths.secondFactor)).text, /Take it away/)
    await changeSecurity(site.context, administrator, standardSecurity)
  })

  it('is taken away by its owner with a code, a recovery code among them, by an administrator, and at the console', async () => {
    const visitor = await halfway()
    await give(visitor, nextCode())
    assert.equal((await visitor.submit(paths.secondFactor, paths.secondFactorRemoval, { code: '000000' })).status, 422)
    assert.equal((await visitor.submit(paths.secondFactor, paths.secondFactorRemoval, { code: recovery[0]! })).status, 303)
    assert.equal((await site.visitor().signIn('sam', castPassword)).headers.location, '/')
    const ada = await site.signedIn('Ada')
    assert.equal((await ada.submit(admin.user('otto'), admin.secondFactorReset('otto'), {})).status, 303)
    assert.equal((await site.visitor().signIn('otto', castPassword)).headers.location, '/')
    const { password } = await createAdministrator(site.context, administrator, { username: 'sam', reset: true, mustChangePassword: false })
    assert.equal((await site.visitor().signIn('sam', password)).headers.location, '/')
  })

  it('is set up and asked for in a real browser, whose policy the picture keeps', async () => {
    await site.hire('Vera')
    const { page, complaints } = await openWindow(site)
    const signIn = async () => {
      await page.goto(paths.signIn)
      await page.getByLabel('User name').fill('vera')
      await page.getByLabel('Password').fill(castPassword)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    await signIn()
    await page.waitForURL(url => url.pathname !== paths.signIn)
    await page.goto(paths.secondFactor)
    await page.getByRole('button', { name: 'Set up' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await assertAccessible(page)
    authenticator = new TOTP({ secret: Secret.fromBase32((await page.locator('.qm-key').textContent())!.replaceAll(' ', '')) })
    await page.getByRole('textbox', { name: 'Code' }).fill(nextCode())
    await page.getByRole('button', { name: 'Turn it on' }).click()
    assert.equal(await page.locator('.qm-codes li').count(), 10)
    await assertAccessible(page)
    await page.goto(paths.secondFactor)
    await assertAccessible(page)
    await page.context().clearCookies()
    await page.goto(paths.newPassword)
    await assertAccessible(page)
    await signIn()
    await page.waitForURL(url => url.pathname === paths.code)
    await assertAccessible(page)
    await page.getByRole('textbox', { name: 'Code' }).fill(nextCode())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.deepEqual(complaints, [])
  })
})

describe('a code for a new password', () => {
  let site: Site
  let ada: HttpVisitor
  before(async () => {
    site = await openSite()
    ada = await site.signedIn('Ada')
    await site.hire('Sam')
    await site.hire('Victor')
  })
  after(() => site.close())

  const make = async (name: string) =>
    /id="secret">([^<]+)</.exec((await ada.submit(admin.user(name), admin.resetCode(name), {})).text)![1]!
  const use = (username: string, code: string, password = 'nine slow paper boats') =>
    site.visitor().submit(paths.newPassword, paths.newPassword, { username, code, password, repeated: password })

  it('lets somebody choose a new password, once, and ends their sessions', async () => {
    const before = await site.signedIn('Sam')
    const code = await make('sam')
    assert.equal((await before.get('/password')).status, 200, 'the present password and its sessions stay until it is used')
    assert.match((await use('sam', code, 'short')).text, /Use at least/)
    assert.match((await use('sam', code, castPassword)).text, /had this password before/)
    assert.match((await use('sam', code.toUpperCase())).text, /Your password is changed/)
    assert.equal((await before.get('/password')).status, 303)
    assert.equal((await site.visitor().signIn('sam', castPassword)).status, 422)
    assert.equal((await site.visitor().signIn('sam', 'nine slow paper boats')).status, 303)
    assert.equal((await use('sam', code, 'ten slow paper boats')).status, 422)
  })

  it('is good for an hour, for one account, and says the same to whoever guesses', async () => {
    const code = await make('victor')
    const sentences = [await use('sam', code), await use('nobody at all', code), await use('victor', 'another')].map(
      ({ text }) => /The user name or the code[^<]*/.exec(text)?.[0],
    )
    assert.equal(new Set(sentences).size, 1)
    assert.ok(sentences[0])
    site.clock.advance(hour)
    assert.equal((await use('victor', code)).status, 422)
    ada = await site.signedIn('Ada')
    const fresh = await make('victor')
    for (let failures = 0; failures < 3; failures++) await use('victor', 'another')
    assert.equal((await use('victor', fresh)).status, 422, 'guesses lock, as at the sign-in')
    assert.ok(!site.context.logged.join().includes(fresh))
  })
})
