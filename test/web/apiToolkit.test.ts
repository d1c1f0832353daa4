import assert from 'node:assert/strict'
import { later } from '../../src/rules/clock.ts'
import { serveApi } from '../support/apiSite.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../support/browser.ts'
import { openSite, type Site } from '../support/site.ts'

describe('the API toolkit', function () {
  this.timeout(120_000)
  let site: Site
  before(async () => {
    site = await openSite({ start: new Date() })
  })
  after(async () => {
    await closeBrowser()
    await site.close()
  })

  it('is switched on, makes a client whose secret works, and revokes it with its tokens', async () => {
    const { page, complaints } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/api')
    await page.getByText('No client yet').waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Switch it on' }).click()
    await page.getByText('The API is on', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Create a client' }).first().click()
    await page.getByLabel('Name').fill('Orchestrator')
    await page.getByLabel('Local Account', { exact: true }).fill('Nowhere')
    await page.getByRole('button', { name: 'Create client' }).click()
    await page.getByText('There is no Local Account of this name.').first().waitFor()
    await page.getByLabel('Local Account', { exact: true }).fill(site.home.account.name)
    await page.getByLabel('Days until it ends').fill('90')
    await page.getByLabel(/Show, create and revoke registration tokens/).check()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Create client' }).click()
    const [clientId, clientSecret] = [await page.locator('#client-id').textContent(), await page.locator('#client-secret').textContent()]
    await assertAccessible(page)
    assert.deepEqual(
      complaints.filter(words => !words.includes('422')),
      [],
    )

    const api = await serveApi(site.context)
    const ask = () =>
      api.send('POST', '/oauth/token', { json: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } })
    const given = await ask()
    assert.equal(given.status, 200)
    const token = given.json.access_token
    assert.equal((await api.send('GET', '/api/v1/accounts', { token })).status, 200)
    assert.equal((await api.send('GET', '/metrics', { token })).status, 403)

    await page.getByRole('link', { name: 'Done' }).click()
    await page
      .getByRole('row', { name: /Orchestrator.*read, tokens.*In force/ })
      .getByRole('link', { name: 'Revoke Orchestrator' })
      .click()
    await page.getByText('the 1 token that it holds ends at once').waitFor()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Orchestrator was revoked, and its tokens ended.').waitFor()
    await page.getByRole('row', { name: /Orchestrator.*Revoked/ }).waitFor()
    assert.equal((await api.send('GET', '/api/v1/accounts', { token })).status, 401)
    assert.equal((await ask()).status, 401)
    await api.close()
  })

  it('shows a client that has ended, and refuses one without scopes or with those of the server for an account', async () => {
    const ada = await site.signedIn('Ada')
    const create = (form: Record<string, string>) =>
      ada.submit('/admin/api/clients/new', '/admin/api/clients', { name: 'x', account: '', days: '', ...form })
    assert.equal((await create({})).status, 422)
    assert.equal((await create({ 'scope-system': 'on', account: site.home.account.name })).status, 422)
    assert.equal((await create({ 'scope-read': 'on', days: '0' })).status, 422)
    assert.equal((await create({ 'scope-metrics': 'on', name: 'Monitor', days: '1' })).status, 200)
    const { context } = site
    await context.storage
      .db('api_clients')
      .where({ name: 'Monitor' })
      .update({ expires_at: later(site.clock.now(), -1) })
    assert.match((await ada.get('/admin/api')).text, /Monitor[\s\S]*Ended/)
  })

  it('lets a System Operator look, and change nothing', async () => {
    const otto = await site.signedIn('Otto')
    const { text } = await otto.get('/admin/api')
    assert.doesNotMatch(text, /Create a client|Switch it|Revoke</)
    assert.equal((await otto.get('/admin/api/clients/new')).status, 403)
  })
})
