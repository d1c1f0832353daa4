import assert from 'node:assert/strict'
import { createLocalVirtualAccount } from '../../src/licensing/createLocalVirtualAccount.ts'
import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import { transferLicenses } from '../../src/licensing/transferLicenses.ts'
import { type Door, openWebDoor } from '../../src/web/door.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../support/browser.ts'
import { type OpenDoor, openTestDoor } from '../support/deviceDoor.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { hire } from '../support/people.ts'
import type { Reply, TestProduct } from '../support/product.ts'

/**
 * "A license short in one Local Virtual Account, with spare ones in another and a higher tier: the *why* says it all, the suggested transfer mends it
 * in two clicks, the products see it at their next report." Products come by the device door, the administrator by a browser.
 */
describe('a license that is short', function () {
  this.timeout(180_000)
  let open: OpenDoor
  let web: Door
  let lots: TestLots<'ESSENTIALS' | 'ADVANTAGE'>
  let products: TestProduct[]

  before(async () => {
    open = await openTestDoor()
    const { context, home } = open
    lots = await insertLots(context, home, { ESSENTIALS: 10, ADVANTAGE: 2 })
    const { ESSENTIALS, ADVANTAGE } = lots.ids
    await context.storage.db('entitlement_substitutions').insert({ tag_id: ADVANTAGE, stands_in_for_tag_id: ESSENTIALS, distance: 1 })
    const localAccountId = home.account.id
    const wish = { localAccountId, name: 'Branches', description: '', isPublic: true }
    const branches = await createLocalVirtualAccount(context, administrator, wish)
    const higherTier = { localAccountId, from: home.place.id, to: branches.id, licenses: [{ tagId: ADVANTAGE, quantity: 2 }] }
    await transferLicenses(context, administrator, higherTier)
    const { secret } = await createRegistrationToken(context, administrator, {
      localAccountId,
      localVirtualAccountId: branches.id,
      description: 'Branches',
      days: 30,
      maximumUses: null,
      exportControlled: false,
    })
    products = [open.product(), open.product({ way: { transport: 'callhome', secure: true } })]
    for (const product of products) await product.settle(secret)
    const site = { ...context, config: { ...context.config, hostNames: ['localhost'] } }
    web = await openWebDoor(site, { port: 0, host: '127.0.0.1' })
  })
  after(async () => {
    await closeBrowser()
    await web?.close()
    await open?.close()
  })

  const heard = ({ data }: Reply) => [data.overall_status, (data.entitlements as { status: string }[])[0]!.status]

  it('is explained, mended in two clicks, and its products hear of it at their next report', async () => {
    const [first, second] = products as [TestProduct, TestProduct]
    // Two are covered by the higher tier beside them. Three more are not: every product that uses the license there is told.
    assert.deepEqual(heard(await first.report([[lots.tags.ESSENTIALS, 2]])), ['AUTHORIZED', 'IN_COMPLIANCE'])
    assert.deepEqual(heard(await second.report([[lots.tags.ESSENTIALS, 3]])), ['OUT_OF_COMPLIANCE', 'OUT_OF_COMPLIANCE'])
    assert.deepEqual(heard(await first.report([[lots.tags.ESSENTIALS, 2]])), ['OUT_OF_COMPLIANCE', 'OUT_OF_COMPLIANCE'])

    const { account, place } = open.home
    const stage = { localAccountId: account.id, localVirtualAccountId: place.id }
    const site = { url: `https://localhost:${web.port}`, hire: async () => void (await hire(open.context, 'Sam', stage)) }
    const { page, complaints } = await openWindowOf(site, 'Sam')
    await page.goto(paths.licensing.overview(account.uuid))
    await page.getByRole('link', { name: 'ESSENTIALS' }).last().click()
    const why = page.locator('.qm-why')
    const words = await why.innerText()
    for (const part of [/3/, /Branches/, /ADVANTAGE/, /Default/]) assert.match(words, part)
    for (const product of products) assert.ok(words.includes(product.hostname!) || (await page.content()).includes(product.hostname!))
    await assertAccessible(page)

    await why.getByRole('link', { name: 'Transfer them' }).first().click()
    await page.getByText('would be in compliance again').first().waitFor()
    await page.getByRole('button', { name: 'Transfer', exact: true }).click()
    await page.getByText(/licenses? (is|are) in Branches now/).waitFor()
    assert.deepEqual(complaints, [])

    assert.deepEqual(heard(await second.report([[lots.tags.ESSENTIALS, 3]])), ['AUTHORIZED', 'IN_COMPLIANCE'])
    assert.deepEqual(heard(await first.report([[lots.tags.ESSENTIALS, 2]])), ['AUTHORIZED', 'IN_COMPLIANCE'])
  })
})
