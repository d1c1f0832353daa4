import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { raiseAlert } from '../../src/storage/alerts.ts'
import { updateLocalAccount } from '../../src/storage/localAccounts.ts'
import { registeredAccount } from '../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindow, openWindowOf } from '../support/browser.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

describe('in a real browser', function () {
  this.timeout(300_000)
  let site: Site
  before(async () => {
    site = await openSite({ start: new Date() })
    await site.signedIn('Sofia')
    await registeredAccount(site.context, { name: 'Harbour crane' })
  })
  afterEach(closeWindows)
  after(async () => {
    await closeBrowser()
    await site.close()
  })

  const account = () => `/admin/accounts/${site.home.account.uuid}`
  const pages = () => [
    '/admin',
    '/admin/accounts',
    '/admin/accounts/new',
    account(),
    '/admin/accounts/requests',
    '/admin/accounts/events',
    `${account()}/properties`,
    `${account()}/product-removal`,
    `${account()}/deactivation`,
    `${account()}/synchronization-settings`,
    `${account()}/courier`,
    '/admin/synchronization',
    '/admin/synchronization/schedules',
    '/admin/synchronization/exchanges',
    '/admin/jobs',
    '/admin/jobs/agenda',
    '/admin/network',
    '/admin/high-availability',
    '/admin/settings',
    '/admin/settings/receivers',
    '/admin/settings/receivers/new-syslog',
    '/admin/settings/receivers/new-webhook',
    '/admin/upgrade',
    '/admin/access',
    '/admin/access/openid',
    '/admin/access/groups',
    '/admin/users',
    '/admin/users/new',
    '/admin/users/sofia',
    '/admin/users/sofia/disabling',
    '/account-picker',
    '/password',
  ]

  for (const dark of [false, true]) {
    it(`every page keeps the policy and WCAG 2.2 AA, ${dark ? 'dark' : 'light'}`, async () => {
      const outside = await openWindow(site, { dark })
      await outside.page.goto('/sign-in')
      await assertAccessible(outside.page)
      const { page, complaints } = await openWindowOf(site, 'Ada', { dark })
      assert.deepEqual(outside.complaints, [])
      complaints.length = 0
      for (const path of pages()) {
        const answer = await page.goto(path)
        assert.equal(answer?.status(), 200, path)
        await assertAccessible(page)
        assert.equal(await page.locator('html.pf-v6-theme-dark').count(), dark ? 1 : 0)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits its window`)
      }
      await page.goto('/admin')
      await page.locator('.qm-user summary').click()
      await assertAccessible(page)
      assert.deepEqual(complaints, [])
    })
  }

  it('people sign in, and see times of their own zone with UTC beside', async () => {
    const { page } = await openWindowOf(site, 'Ada', { zone: 'Asia/Tokyo' })
    await page.goto(account())
    const time = page.locator('time').first()
    const [shown, hint, iso] = [await time.textContent(), await time.getAttribute('title'), await time.getAttribute('datetime')]
    const at = (zone: string) =>
      new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(new Date(iso!))
    assert.equal(shown, at('Asia/Tokyo'))
    assert.equal(hint, `${at('UTC')} UTC`)
  })

  it('a wrong password leads to the sentence, and the name stays', async () => {
    const { page } = await openWindow(site)
    await page.goto('/sign-in')
    await page.getByLabel('User name').fill('sofia')
    await page.getByLabel('Password').fill('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    assert.match(await page.getByRole('alert').innerText(), /not right/)
    assert.equal(await page.getByLabel('User name').inputValue(), 'sofia')
    assert.equal(await page.getByLabel('Password').inputValue(), '')
    await assertAccessible(page)
  })

  it('the keyboard goes everywhere: skip link, menu, escape', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/accounts')
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
    await page.locator('.qm-user summary').focus()
    await page.keyboard.press('Enter')
    assert.ok(await page.getByRole('button', { name: 'Sign out' }).isVisible())
    await page.keyboard.press('ArrowDown')
    assert.equal(await focused(page), 'Preferences')
    await page.keyboard.press('Escape')
    assert.ok(!(await page.getByRole('button', { name: 'Sign out' }).isVisible()))
    assert.match(await focused(page), /Ada/)
  })

  it('a live part refreshes by itself, and focus, scroll and what is typed stay', async () => {
    const { page, complaints } = await openWindowOf(site, 'Ada', { height: 420 })
    complaints.length = 0
    await page.goto('/admin')
    const link = page.getByRole('link', { name: /Accounts .*registered/ })
    await link.focus()
    await page.locator('#main').evaluate(element => element.scrollTo(0, 60))
    const alert = {
      localAccountId: 0,
      kind: 'test',
      subject: 'a',
      severity: 'major',
      source: 'Test',
      action: '',
      at: site.clock.now(),
    } as const
    await raiseAlert(site.context.storage.db, { ...alert, message: 'The disk is nearly full.' })
    await page.getByText('The disk is nearly full.').waitFor({ timeout: 15_000 })
    assert.match(await focused(page), /Accounts/)
    assert.equal(await page.locator('#main').evaluate(element => element.scrollTop), 60)
    assert.deepEqual(complaints, [])
  })

  it('a search narrows the list while one types, and goes on narrowing it', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/accounts')
    await page.getByRole('searchbox').fill('harb')
    await page.getByRole('link', { name: 'Laboratory' }).waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('link', { name: 'Harbour crane' }).count(), 1)
    await page.getByRole('searchbox').fill('')
    await page.getByRole('link', { name: 'Laboratory' }).waitFor()
  })

  it('a question before removing is a dialog that Escape and Cancel close', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/users/sofia')
    await page.getByRole('link', { name: 'Disable' }).click()
    const dialog = page.getByRole('dialog', { name: 'Disable sofia?' })
    await dialog.waitFor()
    await assertAccessible(page)
    await dialog.getByRole('link', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Disable' }).click()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Disable' }).click()
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('sofia was disabled.').waitFor()
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('sofia was enabled.').waitFor()
  })

  it('everything works without scripts: sign-in, search, question, change, sign-out', async () => {
    const { page } = await openWindowOf(site, 'Ada', { scripts: false })
    await page.goto('/admin/accounts?search=harb')
    assert.equal(await page.getByRole('link', { name: 'Harbour crane' }).count(), 1)
    await page.goto('/admin/users/sofia')
    await page.getByRole('link', { name: 'Disable' }).click()
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Disable sofia?')
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('sofia was disabled.').waitFor()
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.locator('.qm-user summary').click()
    await page.getByRole('button', { name: 'Dark' }).click()
    assert.equal(await page.locator('html.pf-v6-theme-dark').count(), 1)
    await page.locator('.qm-user summary').click()
    await page.getByRole('button', { name: 'System' }).click()
    await page.locator('.qm-user summary').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })

  it('the navigation of a tablet opens over the page and closes again', async () => {
    for (const scripts of [true, false]) {
      const { page } = await openWindowOf(site, 'Ada', { width: 820, height: 1180, scripts })
      await page.goto('/admin')
      const users = page.getByRole('navigation', { name: 'Admin workspace' }).getByRole('link', { name: 'Users' })
      assert.ok(!(await users.isVisible()))
      await page.getByRole('link', { name: 'Navigation', exact: true }).click()
      await users.click()
      await page.waitForURL('**/admin/users')
      assert.ok(!(await users.isVisible()))
    }
  })

  it('a page whose session ends leads to the sign-in by itself, and back after it', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin')
    await site.context.storage.db('sessions').delete()
    await page.waitForURL('**/sign-in?next=%2Fadmin', { timeout: 15_000 })
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill(castPassword)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('**/admin')
  })

  it('an account that becomes overdue says so in the list without being asked', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/accounts')
    await updateLocalAccount(site.context.storage.db, site.home.account.id, {
      lastSynchronizedAt: new Date(site.clock.now().getTime() - 40 * 864e5),
    })
    await until(async () => /Overdue/.test(await page.locator('#accounts').innerText()), 20_000)
  })
})

const focused = async (page: Page) => (await page.evaluate(() => document.activeElement?.textContent ?? '')).replace(/\s+/g, ' ').trim()
