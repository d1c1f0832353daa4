import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { mintIdentifier } from '../../../src/rules/identifiers.ts'
import { paths } from '../../../src/web/paths.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../../support/browser.ts'
import { licensingPages } from '../../support/licensingPages.ts'
import { cast } from '../../support/people.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

/** Lists that are empty or filtered look otherwise than full ones. */
const pagesWithoutRows = (uuid: string) => [
  { path: `${licensing.licenses(uuid)}?short=on&sort=balance&search=network` },
  { path: `${licensing.productInstances(uuid)}?search=nothing+like+it` },
  { path: `${licensing.activity(uuid)}?search=nothing+like+it` },
]

describe('the Licensing workspace in a real browser', function () {
  this.timeout(120_000)
  let rail: Rail
  let uuid: string
  before(async () => {
    rail = await openRail(130)
    uuid = rail.fleet.uuid
    await rail.signedIn('Sam')
  })
  // Of one person's sessions the ones seen longest ago end; on a clock that stands, none is older.
  beforeEach(() => rail.clock.advance(1000))
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  /** A product instance beside the others, like one of them but for its name. */
  async function register(name: string): Promise<void> {
    const id = mintIdentifier(rail.fleet.localAccountId, rail.clock.now(), randomBytes(7))
    await rail.context.storage.db.raw(
      `insert into product_instances (local_account_id, id, local_virtual_account_id, state, software_tag, product_type, udi_key, udi_pid,
         udi_serial_number, devices, hostname, name, export_controlled, registration_token_id, registered_at)
       select local_account_id, :id, local_virtual_account_id, state, software_tag, product_type, :name, udi_pid, :name, devices, :name, :name,
         false, registration_token_id, registered_at from product_instances where local_account_id = :account limit 1`,
      { id, name, account: rail.fleet.localAccountId },
    )
    const contact = { local_account_id: rail.fleet.localAccountId, product_instance_id: id, last_contact_at: rail.clock.now() }
    await rail.context.storage.db('product_instance_contacts').insert(contact)
  }

  it('lets somebody make a token, copy it, see it in the list, copy it there unseen, show it, and revoke it', async () => {
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('link', { name: 'Registration tokens' }).click()
    await page.getByRole('link', { name: 'Create a token' }).click()
    await page.getByLabel('Local Virtual Account').selectOption('Campus')
    await page.getByLabel('Description').fill('Tunnel radio')
    await page.getByRole('button', { name: 'Create token' }).click()

    const secret = await page.locator('#secret').textContent()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await clipboard(), secret)
    await page.getByRole('button', { name: 'Copy the address of Smart Transport' }).click()
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).endsWith('/SmartTransport'))

    await page.getByRole('link', { name: 'All tokens' }).click()
    const row = page.getByRole('row', { name: /Tunnel radio/ })
    assert.doesNotMatch(await page.content(), new RegExp(secret!.slice(0, 20)))
    await page.getByRole('button', { name: 'Copy the token: Tunnel radio' }).click()
    await row.getByText('Copied').waitFor()
    assert.equal(await clipboard(), secret)
    await page.getByRole('link', { name: 'Show the token: Tunnel radio' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(secret!).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })

    await page.getByRole('link', { name: 'Revoke the token: Tunnel radio' }).click()
    await dialog.getByRole('heading', { name: 'Revoke “Tunnel radio”?' }).waitFor()
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('The token “Tunnel radio” was revoked.').waitFor()
    await row.getByText('Revoked').waitFor()
    assert.deepEqual(complaints, [])
    await context.close()
  })

  it('goes through the token form by keyboard alone, and says what is wrong where the focus is', async () => {
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    const focused = () => page.evaluate(() => document.activeElement?.id)
    await page.goto(licensing.newToken(uuid))
    assert.equal(await focused(), 'description')
    await page.keyboard.press('Shift+Tab')
    assert.equal(await focused(), 'localVirtualAccount')
    await page.keyboard.type('Lab')
    await page.keyboard.press('Tab')
    await page.keyboard.type('By keyboard')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'expiresAfterDays')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('0')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    assert.equal(await focused(), 'complaints')
    assert.match((await page.locator('#expiresAfterDays-help').textContent())!, /1 to/)
    complaints.splice(0, complaints.length, ...complaints.filter(words => !words.includes('422')))

    await page.locator('#expiresAfterDays').focus()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('7')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.locator('#secret').waitFor()
    assert.match((await page.getByRole('heading', { level: 1 }).textContent())!, /By keyboard/)
    assert.match((await page.textContent('main'))!, /For Laboratory/)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  it('shows a product that registers without reloading, and keeps focus and scroll', async () => {
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.productInstances(uuid))
    const seen = page.locator('tbody tr').nth(30).getByRole('link')
    const name = (await seen.textContent())!
    await seen.focus()
    await page.evaluate(() => {
      ;(globalThis as unknown as { kept: boolean }).kept = true
    })
    const scrolled = await scrollOf(page)
    assert.ok(scrolled > 0)
    await register('aaa-newcomer')
    await page.getByRole('link', { name: 'aaa-newcomer' }).waitFor({ timeout: 15_000 })
    assert.equal(await page.evaluate(() => (globalThis as unknown as { kept: boolean }).kept), true)
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), name)
    assert.ok(Math.abs((await scrollOf(page)) - scrolled) < 80)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  it('finds product instances as one types, keeps the filter through the next look, and carries it in the address', async () => {
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.productInstances(uuid))
    const search = page.getByRole('searchbox')
    await search.pressSequentially('sbc')
    await page.waitForURL(/\?search=sbc$/)
    await page.waitForFunction(() => [...document.querySelectorAll('tbody tr a')].every(link => link.textContent?.includes('sbc')))
    await page.getByRole('combobox', { name: 'Local Virtual Account' }).selectOption('Branches')
    await page.waitForURL(/search=sbc&place=\d+$/)
    await register('zzz-sbc-later')
    await page.locator('#list').getByRole('link', { name: 'CSV' }).waitFor()
    assert.match((await page.getByRole('link', { name: 'CSV' }).getAttribute('href'))!, /search=sbc&place=\d+/)
    // Longer than the list waits before it asks again by itself.
    const again = page.waitForResponse(answer => answer.request().headers()['x-unattended'] === '1', { timeout: 15_000 })
    assert.match((await again).url(), /search=sbc&place=\d+/)
    assert.equal(await search.inputValue(), 'sbc')
    await page.getByRole('link', { name: 'Clear all filters' }).click()
    await page.waitForURL(/product-instances$/)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  it('removes a product instance after a question in a dialog', async () => {
    await register('mmm-leaving')
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(`${licensing.productInstances(uuid)}?search=mmm-leaving`)
    await page.getByRole('link', { name: 'mmm-leaving' }).click()
    await page.getByRole('link', { name: 'Remove', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: 'Remove mmm-leaving?' }).waitFor()
    await assertAccessible(page)
    await dialog.getByRole('link', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Remove', exact: true }).click()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('mmm-leaving was removed').waitFor()
    assert.deepEqual(complaints, [])
    await context.close()
  })

  it('works without scripts: filters, secrets and questions are pages', async () => {
    const { page, context } = await openWindowOf(rail, 'Sam', { scripts: false })
    await page.goto(licensing.productInstances(uuid))
    await page.getByRole('searchbox').fill('wlc')
    await page.getByRole('button', { name: 'Apply' }).click()
    assert.match(page.url(), /search=wlc/)
    const names = await page.locator('tbody td[data-label="Name"] a').allTextContents()
    assert.ok(names.length > 0 && names.every(name => name.includes('wlc')))
    await page.goto(licensing.newToken(uuid))
    await page.getByLabel('Description').fill('Without scripts')
    await page.getByRole('button', { name: 'Create token' }).click()
    const secret = await page.locator('#secret').textContent()
    await page.goto(licensing.tokens(uuid))
    await page.getByRole('link', { name: 'Show the token: Without scripts' }).click()
    assert.equal(await page.locator('#secret').textContent(), secret)
    await page.goto(licensing.tokens(uuid))
    await page.getByRole('link', { name: 'Revoke the token: Without scripts' }).click()
    await page.getByRole('button', { name: 'Revoke' }).click()
    assert.match((await page.textContent('main'))!, /“Without scripts” was revoked/)
    await context.close()
  })

  for (const dark of [false, true]) {
    it(`is accessible on every page of the site map, ${dark ? 'dark' : 'light'}, and breaks no policy`, async function () {
      this.timeout(300_000)
      const { page, context, complaints } = await openWindowOf(rail, 'Ada', { dark })
      for (const { path } of [...(await licensingPages(rail)), ...pagesWithoutRows(uuid)]) {
        const answer = await page.goto(path)
        assert.equal(answer?.status(), 200, path)
        // What is dark differs in its colours alone.
        await assertAccessible(page, dark ? ['color-contrast'] : undefined)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits its window`)
      }
      assert.deepEqual(complaints, [])
      await context.close()
    })
  }

  for (const member of ['Ada', 'Otto', 'Sofia', 'Sam', 'Vera', 'Victor'] as const) {
    it(`leads a ${cast[member]} to every page of the navigation and breaks no policy`, async () => {
      const { page, context, complaints } = await openWindowOf(rail, member)
      await page.goto(licensing.overview(uuid))
      const links = await page
        .locator('#navigation a.pf-v6-c-nav__link')
        .evaluateAll(found => found.map(link => link.getAttribute('href')!))
      assert.equal(links.includes(licensing.account(uuid)), ['Ada', 'Otto', 'Sofia'].includes(member))
      assert.ok(links.length >= 10)
      for (const path of links) {
        const answer = await page.goto(path)
        assert.equal(answer?.status(), 200, path)
        assert.equal(await page.locator('#navigation a[aria-current=page]').getAttribute('href'), path)
      }
      assert.deepEqual(complaints, [])
      await context.close()
    })
  }
})

/** How far the page is scrolled, in whichever of its boxes scrolls. */
const scrollOf = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].map(element => element.scrollTop)))
