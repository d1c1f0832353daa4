import assert from 'node:assert/strict'
import { recountPurchased } from '../../../src/licensing/settleAuthorizations.ts'
import { paths } from '../../../src/web/paths.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../../support/browser.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('Local Virtual Accounts and transfers in a real browser', function () {
  this.timeout(120_000)
  let rail: Rail
  let uuid: string
  before(async () => {
    rail = await openRail(130)
    uuid = rail.fleet.uuid
    for (const member of ['Sam', 'Sofia', 'Vera'] as const) await rail.signedIn(member)
  })
  beforeEach(() => rail.clock.advance(1000))
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  const standing = async (place: number, tagId: number) =>
    await rail.context.storage.db('authorizations').where({ local_virtual_account_id: place, tag_id: tagId }).first()
  /** What somebody may complain of: not that a form came back. */
  const beside = (complaints: string[]) => complaints.filter(words => !words.includes('422'))
  /** A license that is short somewhere, while Default has got just as many more as are missing there. */
  const shortage = async (): Promise<{ tagId: number; short: number }> => {
    const { db } = rail.context.storage
    const row = await db('authorizations')
      .where('balance', '<', 0)
      .whereNot({ local_virtual_account_id: rail.fleet.places.Default })
      .first()
    const key = { local_account_id: rail.fleet.localAccountId, license_id: 'bought since' }
    const lot = { ...key, tag_id: row.tag_id, license_type: 'PERPETUAL', starts_at: rail.clock.now(), status: 'ACTIVE' }
    const spare = 10_000
    await db('entitlements').insert({ ...lot, quantity: spare })
    await db('entitlement_shares').insert({ ...key, local_virtual_account_id: rail.fleet.places.Default, quantity: spare })
    await rail.context.storage.transaction(tx => recountPurchased(tx, rail.fleet.localAccountId, rail.clock.now()))
    return { tagId: row.tag_id, short: row.local_virtual_account_id }
  }

  it('mends a shortage in two clicks from its why', async () => {
    const { tagId, short } = await shortage()
    const { page, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.license(uuid, tagId))
    await page.locator(`#why${short}`).locator('xpath=ancestor::section').getByRole('link', { name: 'Transfer them' }).first().click()
    await page.getByText('would be in compliance again').first().waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Transfer', exact: true }).click()
    await page.getByText(/licenses? (is|are) in .* now/).waitFor()
    assert.equal((await standing(short, tagId)).out_of_compliance_since, null)
    assert.deepEqual(beside(complaints), [])
  })

  it('transfers several licenses after a look at what that does', async () => {
    const { Default: from, Laboratory: to } = rail.fleet.places
    const { page, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(`${licensing.licenseTransfer(uuid)}?from=${from}&to=${to}`)
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('Say how many of at least one license.').waitFor()
    const fields = page.getByRole('spinbutton')
    const names = [await fields.nth(0).getAttribute('name'), await fields.nth(1).getAttribute('name')]
    await fields.nth(0).fill('1')
    await fields.nth(1).fill('99999999')
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText(/give a whole number from 1 to/).waitFor()
    await page.getByRole('link', { name: 'Change it' }).click()
    assert.equal(await page.locator(`[name=${names[0]}]`).inputValue(), '1', 'what was typed stays')
    await page.locator(`[name=${names[1]}]`).fill('2')
    await page.getByRole('button', { name: 'Review' }).click()
    const before = await standing(from, Number(names[1]!.slice(1)))
    await page.getByRole('button', { name: 'Transfer', exact: true }).click()
    await page.getByText('3 licenses are in Laboratory now').waitFor()
    assert.equal((await standing(from, Number(names[1]!.slice(1)))).purchased, before.purchased - 2)
    assert.deepEqual(beside(complaints), [])
  })

  it('keeps what is typed when where it goes changes', async () => {
    const { Default: from, Laboratory: to, Campus: other } = rail.fleet.places
    const { page } = await openWindowOf(rail, 'Sam')
    await page.goto(`${licensing.licenseTransfer(uuid)}?from=${from}&to=${to}`)
    await page.getByRole('spinbutton').first().fill('4')
    await page.getByLabel('To', { exact: true }).selectOption(String(other))
    await page.waitForURL(new RegExp(`to=${other}`))
    assert.equal(await page.getByRole('spinbutton').first().inputValue(), '4')
  })

  it('transfers and removes the product instances that are ticked, which stay ticked while the list refreshes', async () => {
    const { page, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(`${licensing.productInstances(uuid)}?place=${rail.fleet.places.Campus}`)
    assert.equal(await page.locator('#ticked').isVisible(), false)
    const boxes = page.getByRole('checkbox', { name: /^Tick (?!all)/ })
    const names = await Promise.all([0, 1].map(async index => (await boxes.nth(index).getAttribute('aria-label'))!.replace('Tick ', '')))
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.getByText('2 ticked').waitFor()
    await assertAccessible(page)
    // The list asks for itself again; something has changed meanwhile, so that it is drawn anew.
    await rail.context.storage.db('product_instance_contacts').update({ last_contact_at: rail.clock.now() })
    await page.waitForResponse(response => response.url().includes('product-instances') && response.status() === 200, { timeout: 30_000 })
    assert.equal(await boxes.nth(0).isChecked(), true)
    await page.getByText('2 ticked').waitFor()
    await page.locator('#ticked').getByRole('button', { name: 'Transfer' }).click()
    await page.getByRole('heading', { name: 'Transfer 2 product instances' }).waitFor()
    await assertAccessible(page)
    await page.getByLabel('To the Local Virtual Account').selectOption('Laboratory')
    await page.getByRole('button', { name: 'Transfer' }).click()
    await page.getByText('2 product instances were transferred').waitFor()
    const moved = await rail.context.storage.db('product_instances').whereIn('name', names).pluck('local_virtual_account_id')
    assert.deepEqual(moved, [rail.fleet.places.Laboratory, rail.fleet.places.Laboratory])

    await page.goto(`${licensing.productInstances(uuid)}?place=${rail.fleet.places.Laboratory}`)
    for (const name of names) await page.getByRole('checkbox', { name: `Tick ${name}`, exact: true }).check()
    await page.locator('#ticked').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('2 product instances were removed').waitFor()
    assert.equal((await rail.context.storage.db('product_instances').whereIn('name', names)).length, 0)
    assert.deepEqual(beside(complaints), [])
  })

  it('transfers one product instance from its page', async () => {
    const { id, name } = await rail.context.storage
      .db('product_instances')
      .where({ local_virtual_account_id: rail.fleet.places.Campus })
      .first()
    const { page } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.productInstance(uuid, id))
    await page.getByRole('link', { name: 'Transfer' }).click()
    await page.getByLabel('To the Local Virtual Account').selectOption('Laboratory')
    await page.getByRole('button', { name: 'Transfer' }).click()
    await page.getByText('1 product instance was transferred to Laboratory').waitFor()
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), name)
  })

  it('creates, edits and deletes a Local Virtual Account, and says what still stands in the way', async () => {
    const { page, complaints } = await openWindowOf(rail, 'Sofia')
    await page.goto(licensing.overview(uuid))
    await page.getByRole('link', { name: 'Local Virtual Accounts' }).click()
    await page.getByRole('row', { name: /Default/ }).waitFor()
    await assertAccessible(page)
    await page.getByRole('link', { name: 'Create a Local Virtual Account' }).click()
    await page.getByLabel('Name').fill('Campus')
    await page.getByLabel('Private').check()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('has a Local Virtual Account of this name already').first().waitFor()
    assert.ok(await page.getByLabel('Private').isChecked(), 'what was chosen stays')
    await page.getByLabel('Name').fill('Depot')
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Create' }).click()
    await page
      .getByRole('row', { name: /Depot.*Private/ })
      .getByRole('link', { name: 'Edit' })
      .click()
    await page.getByLabel('Name').fill('Depot North')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Delete Depot North' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Depot North was deleted').waitFor()
    await page.getByRole('link', { name: 'Delete Branches' }).click()
    await page.getByText('It still holds something').waitFor()
    await page.getByRole('link', { name: 'transfer or remove product instances' }).click()
    await page.getByRole('heading', { name: 'Product instances', level: 1 }).waitFor()
    assert.deepEqual(beside(complaints), [])
  })

  it('shows somebody with a role in one of them that one, and nothing that they may not do', async () => {
    const { page } = await openWindowOf(rail, 'Vera')
    await page.goto(licensing.virtualAccounts(uuid))
    assert.equal(await page.locator('tbody tr').count(), 1)
    assert.equal(await page.getByRole('link', { name: /Create|Delete|Edit/ }).count(), 0)
    await page.goto(licensing.licenseTransfer(uuid))
    await page.getByText('There is one Local Virtual Account').waitFor()
    const vera = await rail.signedIn('Vera')
    const { Default: here, Campus: there } = rail.fleet.places
    const { rows } = await rail.context.storage.db.raw(
      'select tag_id from authorizations where local_virtual_account_id = ? and purchased > 0 limit 1',
      [there],
    )
    const wish = (from: number, to: number) => ({ from: String(from), to: String(to), [`q${rows[0].tag_id}`]: '1' })
    const submit = (form: Record<string, string>) => vera.submit(licensing.tokens(uuid), licensing.licenseTransfer(uuid), form)
    for (const form of [wish(there, here), wish(here, there), wish(0, there), {}])
      assert.ok([403, 404].includes((await submit(form)).status))
  })
})
