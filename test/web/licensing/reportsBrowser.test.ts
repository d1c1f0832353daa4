import assert from 'node:assert/strict'
import { changeMailSettings } from '../../../src/administration/mail/changeMailSettings.ts'
import { reports } from '../../../src/licensing/reports/catalog.ts'
import { paths } from '../../../src/web/paths.ts'
import { administrator } from '../../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindowOf } from '../../support/browser.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('reports in a real browser', function () {
  this.timeout(300_000)
  let rail: Rail
  let uuid: string
  before(async () => {
    rail = await openRail(130)
    uuid = rail.fleet.uuid
    const settings = { host: 'localhost', port: 25, security: 'none', user: null, from: 'q@example.com', ca: null } as const
    await changeMailSettings(rail.context, administrator, { settings: { ...settings, recipients: [] } })
  })
  // Of one person's sessions the ones seen longest ago end; on a clock that stands, none is older.
  beforeEach(() => rail.clock.advance(1000))
  afterEach(closeWindows)
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  for (const dark of [false, true]) {
    it(`keep the policy and WCAG 2.2 AA, and fit a tablet, ${dark ? 'dark' : 'light'}`, async () => {
      const { page, complaints } = await openWindowOf(rail, 'Sam', { dark, width: 820, height: 1180 })
      const pages = reports.map(({ name }) => licensing.report(uuid, name))
      for (const path of [
        licensing.reports(uuid),
        ...pages,
        licensing.reportPrint(uuid, 'licenses'),
        licensing.newReportSchedule(uuid, 'licenses'),
      ]) {
        assert.equal((await page.goto(path))?.status(), 200, path)
        await assertAccessible(page)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits its window`)
      }
      assert.deepEqual(complaints, [])
    })
  }

  it('are narrowed as one types and chooses, scheduled and ended, by keyboard alone', async () => {
    const { page, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.reports(uuid))
    await page.getByRole('link', { name: /Licenses What each/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Licenses' }).waitFor()
    await page.getByRole('searchbox').focus()
    await page.keyboard.type('wireless')
    await page.getByText('Search: wireless').waitFor()
    await page.getByRole('link', { name: 'Schedule' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Send it to').fill('team@example.com')
    await page.keyboard.press('Enter')
    await page.getByText('“Licenses” is sent weekly.').waitFor()
    await page.getByRole('row', { name: /Wireless.*team@example\.com/ }).waitFor()
    await page.getByRole('link', { name: 'End: Licenses to team@example.com' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('It is not sent any more to').waitFor()
    await assertAccessible(page)
    await dialog.getByRole('button', { name: 'End' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('No report is sent by itself').waitFor()
    assert.deepEqual(complaints, [])
  })
})
