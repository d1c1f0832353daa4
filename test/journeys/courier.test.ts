import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Download, Page } from 'playwright-core'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { findLocalAccountByName } from '../../src/storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator, newToken } from '../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindowOf, type Watched } from '../support/browser.ts'
import { testClock } from '../support/clock.ts'
import { openOn } from '../support/deviceDoor.ts'
import { castPassword } from '../support/people.ts'
import { type Surroundings, TestProduct } from '../support/product.ts'
import { openSite, type Site } from '../support/site.ts'
import { type Branch, openBranch, openUpstream, seenByCloud, type Upstream } from '../support/upstream.ts'

/**
 * The whole life of an account in a place without a network, as its people see it: Nora asks, Ada approves, a courier goes to the cloud's own
 * pages with a file and comes back with another, products register, and the courier goes again. An account that did the same by network is
 * its equal in the end.
 */
describe('an account that a courier carries', function () {
  this.timeout(240_000)
  let upstream: Upstream
  let branch: Branch
  let site: Site
  let door: Awaited<ReturnType<typeof openOn>>
  let around: Surroundings
  let ada: Watched
  let cloud: Page

  before(async () => {
    // On a full second, as certificates have it; the browser's own clock is the machine's.
    const clock = testClock(new Date(Math.floor(Date.now() / 1000) * 1000))
    upstream = await openUpstream(clock)
    branch = await openBranch(upstream)
    site = await openSite({ on: { branch, clock } })
    door = await openOn(site.context)
    around = {
      httpPort: door.door.httpPort!,
      httpsPort: door.door.httpsPort!,
      tlsRoot: door.tlsRoot,
      licensingRoot: readFileSync(upstream.ready.licensingRoot, 'utf8'),
      now: clock.now,
    }
    ada = await openWindowOf(site, 'Ada')
    cloud = await ada.context.newPage()
  })
  after(async () => {
    await closeWindows()
    await closeBrowser()
    await door?.door.close()
    await site?.close()
    await upstream?.close()
  })

  const find = async (name: string) => (await findLocalAccountByName(site.context.storage.db, name))!

  async function textOf(download: Promise<Download>): Promise<{ name: string; text: string }> {
    const file = await download
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
  }

  /** The courier's way: from the server's page to the cloud's, and back with the response. */
  async function carry(page: Page): Promise<string[]> {
    const [request] = await Promise.all([textOf(page.waitForEvent('download')), page.getByRole('link', { name: 'Download' }).click()])
    upstream.clock.advance(2 * 86_400_000)
    await cloud.goto(`${upstream.ready.url}/exchange`)
    if (await cloud.getByLabel('Password').isVisible()) {
      await cloud.getByLabel('Name').fill(upstream.ready.username)
      await cloud.getByLabel('Password').fill(upstream.ready.password)
      await cloud.getByRole('button', { name: 'Sign in' }).click()
    }
    await cloud
      .getByLabel('Request file')
      .setInputFiles({ name: request.name, mimeType: 'application/json', buffer: Buffer.from(request.text) })
    await cloud.getByRole('button', { name: 'Upload' }).click()
    await cloud.locator('#answer').waitFor()
    await assertAccessible(cloud)
    const [response] = await Promise.all([textOf(cloud.waitForEvent('download')), cloud.locator('#download').click()])
    upstream.clock.advance(2 * 86_400_000)
    // Four days have passed on the way, and whoever was signed in is no more.
    await open(page, new URL(page.url()).pathname)
    await page
      .getByLabel('Response file')
      .setInputFiles({ name: response.name, mimeType: 'application/json', buffer: Buffer.from(response.text) })
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('heading', { name: 'What is in the response' }).waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.locator('#notices .qm-notice').waitFor()
    return [request.name, response.name]
  }

  /** Goes to a page; whoever is signed in no more signs in, and is led there. */
  async function open(page: Page, path: string): Promise<void> {
    await page.goto(path)
    if (new URL(page.url()).pathname !== '/sign-in') return
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill(castPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(url => url.pathname === path.split('?')[0])
  }

  it('is asked for by somebody who has no role yet', async () => {
    const { page, complaints } = await openWindowOf(site, 'Nora')
    await page.getByRole('link', { name: 'Request an account' }).click()
    await page.getByLabel('Local Account').fill('Island')
    await page.getByLabel('Smart Account').fill('Example Corp')
    await page.getByLabel('Virtual Account').fill('Island')
    await page.getByLabel('E-mail').fill('nora@example.com')
    await page.getByLabel('Message').fill('No line reaches us.')
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Send request' }).click()
    await page.getByText('Waits for an administrator').waitFor()
    assert.deepEqual(complaints, [])
  })

  it('is approved, and registered by file over the pages of the cloud', async () => {
    const { page } = ada
    await page.goto('/admin')
    await page.getByRole('link', { name: /1 request waiting/ }).click()
    await page.getByRole('button', { name: 'Approve Island' }).click()
    await page.getByRole('link', { name: 'Register with the cloud' }).click()
    await page.getByLabel('By file').check()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'Register by file' }).waitFor()
    const names = await carry(page)
    assert.deepEqual(names, ['Island-0.registration-request.json', 'Island-0.registration-response.json'])
    assert.match(await page.locator('#notices').innerText(), /Island is registered\./)
    assert.equal((await find('Island')).state, 'registered')
  })

  it('lets products register, and tells the cloud of them by file as one by network does', async () => {
    const { page } = ada
    const island = await find('Island')
    const mainland = await branch.register('Mainland')
    const { advantage, essentials } = upstream.ready.tags
    for (const account of [island, mainland]) {
      await upstream.shop(account.name).buy(advantage, 3)
      await upstream.shop(account.name).buy(essentials, 5)
      await settleProducts(account)
    }
    for (const type of ['Standard', 'Full']) {
      await open(page, `/admin/accounts/${island.uuid}/courier`)
      await page.getByRole('radio', { name: type }).check()
      await page.getByRole('button', { name: 'Prepare request' }).click()
      await page.getByRole('heading', { name: 'The request' }).waitFor()
      await carry(page)
      assert.match(await page.locator('#notices').innerText(), /Island is synchronized\./)
      await synchronizeLocalAccount(branch.context, administrator, mainland.id, type === 'Full' ? 'full' : 'standard')
      assert.deepEqual(await stateOf(await find('Island')), await stateOf(await find('Mainland')))
    }
  })

  it('shows every exchange with what was in it, and its people the account', async () => {
    const { page } = ada
    const island = await find('Island')
    await open(page, `/admin/synchronization/exchanges?account=${island.uuid}`)
    await page.getByRole('link', { name: 'Standard no. 1' }).click()
    await page.getByText('2 product instances new').click()
    await page.getByText('edge-1', { exact: true }).waitFor()
    await assertAccessible(page)
    const nora = await openWindowOf(site, 'Nora')
    await nora.page.goto('/account-requests')
    await nora.page.getByRole('link', { name: 'Island' }).click()
    await nora.page.waitForURL(`**/accounts/${island.uuid}`)
    await nora.page.getByRole('link', { name: 'Registration tokens' }).waitFor()
    assert.deepEqual(
      ada.complaints.filter(words => !words.includes('422')),
      [],
    )
  })

  /** Two products that come in by the device door with a token, and say what they use. */
  async function settleProducts(account: LocalAccount): Promise<void> {
    const place = (await findDefaultLocalVirtualAccount(site.context.storage.db, account.id))!
    const { secret } = await newToken(site.context, { account, place })
    for (const number of [1, 2]) {
      const sudi = { udi_pid: 'EX-R1000', udi_serial_number: `FOX${account.id}00${number}` }
      const product = await new TestProduct(around, { hostname: `edge-${number}`, sudi }).settle(secret)
      await product.report([[upstream.ready.tags.advantage, 2]])
    }
  }

  /** What an account is, here and in the cloud, without what is its own: names, numbers, keys, times. */
  async function stateOf(account: LocalAccount) {
    const { db } = site.context.storage
    const at = { local_account_id: account.id }
    const authority = await db('account_authorities').where(at).first()
    const seen = seenByCloud(upstream, account.uuid)
    return {
      account: { state: account.state, sequence: account.sequence },
      certified: [authority.account_ca_certificate, authority.signing_certificate, authority.three_tier_certificate].map(
        pem => pem !== null,
      ),
      lots: await db('entitlements').where(at).orderBy(['tag_id', 'quantity']).select('tag_id', 'license_type', 'quantity', 'status'),
      authorizations: await db('authorizations')
        .where(at)
        .orderBy('tag_id')
        .select('tag_id', 'purchased', 'in_use', 'instances', 'balance'),
      instances: await db('product_instances').where(at).orderBy('hostname').select('hostname', 'state'),
      reported: (await db('reported_product_instances').where(at).select('product_instance_id')).length,
      exchanges: await db('synchronizations').where(at).orderBy('id').select('kind', 'state', 'sequence', 'code'),
      cloud: {
        usage: seen.usage,
        products: seen.products.map(each => each.hostname).sort(),
        lastSequence: seen.registration.lastSequence,
      },
    }
  }
})
