import assert from 'node:assert/strict'
import { ensureTlsCertificate } from '../../../src/administration/ensureTlsCertificate.ts'
import { paths } from '../../../src/web/paths.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindowOf } from '../../support/browser.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('the configuration for a product', function () {
  this.timeout(120_000)
  let rail: Rail
  let uuid: string
  let root: string
  before(async () => {
    rail = await openRail(20)
    uuid = rail.fleet.uuid
    // Nobody listens there.
    Object.assign(rail.context.config, { deviceHttpPort: 9, deviceHttpsPort: 19 })
    root = (await ensureTlsCertificate(rail.context, 'device')).root
  })
  beforeEach(() => rail.clock.advance(1000))
  afterEach(closeWindows)
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  const decoded = (text: string) => text.replaceAll('&#43;', '+').replaceAll('&quot;', '"')
  const linesIn = (text: string) => [...decoded(text).matchAll(/<pre [^>]*>([^<]*)<\/pre>/g)].map(match => match[1]).join('\n')

  it('has the text of a token for whoever may make tokens, and this server’s own root', async () => {
    const sam = await rail.signedIn('Sam')
    const form = { localVirtualAccount: String(rail.fleet.places.Campus), description: 'Ring', expiresAfterDays: '30', maxUses: '' }
    const { location } = (await sam.submit(licensing.newToken(uuid), licensing.tokens(uuid), form)).headers
    const secret = /id="secret">([^<]+)</.exec((await sam.get(location!)).text)![1]!
    const token = location!.split('/').at(-2)
    const lines = linesIn((await sam.get(`${licensing.productConfiguration(uuid)}?token=${token}`)).text)
    assert.ok(lines.includes(`license smart register idtoken ${decoded(secret)}`))
    assert.ok(lines.includes(root.trim()))
    assert.match(lines, /license smart url https:\/\/localhost:19\/SmartTransport/)
  })

  it('shows a token of another Local Virtual Account to nobody who has no role there', async () => {
    const token = (
      await rail.context.storage.db('registration_tokens').where({ local_virtual_account_id: rail.fleet.places.Campus }).first('id')
    ).id
    const victor = await rail.signedIn('Victor')
    const { status, text } = await victor.get(`${licensing.productConfiguration(uuid)}?token=${token}`)
    assert.equal(status, 200)
    assert.match(linesIn(text), /idtoken TOKEN/)
  })

  it('says at its field what does not fit, and writes no line', async () => {
    const sam = await rail.signedIn('Sam')
    const { text } = await sam.get(`${licensing.productConfiguration(uuid)}?vrf=Mgmt-vrf&nameServer=8.8.8.8`)
    assert.match(text, /id="interface"[^>]*aria-invalid="true"/)
    assert.match(text, /value="Mgmt-vrf"/)
    assert.equal(linesIn(text), '')
  })

  it('checks the way: a name that leads nowhere, one that the certificate does not cover, and a port that nobody serves', async () => {
    const sam = await rail.signedIn('Sam')
    const strange = (await sam.get(`${licensing.preflight(uuid)}?host=nowhere.invalid`)).text
    assert.match(
      strange,
      /Failed[\s\S]*finds no address for nowhere\.invalid[\s\S]*does not cover nowhere\.invalid[\s\S]*not a name of this server/,
    )
    const here = (await sam.get(`${licensing.preflight(uuid)}?host=localhost`)).text
    assert.match(
      here,
      /registered and takes products[\s\S]*which no product reaches[\s\S]*certificate covers localhost[\s\S]*Nothing answers on port 19 from here[\s\S]*port 9 from here/,
    )
  })

  it('is written anew as one chooses, and copied', async () => {
    const { page, context, complaints } = await openWindowOf(rail, 'Sam')
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(licensing.tokens(uuid))
    await page.getByRole('link', { name: 'Configuration for your product' }).click()
    await page.getByLabel('Operating system').selectOption('NX-OS')
    await page.getByText('destination-profile CiscoTAC-1 transport-method http').waitFor()
    await page.getByLabel('VRF').fill('management')
    await page.getByLabel('VRF').press('Tab')
    await page.getByText('transport http use-vrf management').waitFor()
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'interface')
    await page.getByRole('button', { name: /Copy.*The transport/ }).click()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^license smart enable\ncallhome\n/)
    await page.getByRole('link', { name: 'Check localhost' }).click()
    await page.getByText('A firewall between').waitFor()
    await assertAccessible(page)
    assert.deepEqual(complaints, [])
  })
})
