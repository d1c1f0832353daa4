import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pairAlertKind } from '../../src/administration/pair/watchPair.ts'
import { minute } from '../../src/rules/clock.ts'
import { tick } from '../../src/schedule/clock.ts'
import { serveApi } from '../support/apiSite.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindowOf } from '../support/browser.ts'
import { openSite, type Site } from '../support/site.ts'

/** What the agent of a pair that is well writes. */
const well = {
  node: 'node-a',
  peer: 'node-b',
  state: 'active',
  epoch: 7,
  mode: 'sync',
  virtualIp: '192.0.2.10',
  sentence: 'This node is active, and node-b has everything.',
  lagBytes: 0,
  replication: 'synchronous',
  fence: 'witness',
  witness: { url: 'https://witness.example.com:7443', reachable: true },
  release: '1.2.0',
  peerRelease: '1.2.0',
}
const alone = {
  state: 'active',
  mode: 'alone',
  replication: 'none',
  lagBytes: null,
  peerRelease: null,
  sentence: 'node-b is gone, and this node goes on alone.',
}

const faces: { name: string; given: object; says: string[]; banner?: RegExp }[] = [
  {
    name: 'well',
    given: {},
    says: ['Redundant', 'Active', 'a change is done when both nodes have it', 'The witness on a third machine decides'],
  },
  { name: 'alone', given: alone, says: ['Not redundant', 'Not known'], banner: /This node works alone: node-b would not take over/ },
  {
    name: 'waiting',
    given: { ...alone, mode: 'sync', fence: 'strict', witness: null },
    says: ['changes wait until an operator lets the active go on alone', 'With one on a third machine'],
    banner: /works alone, and changes wait for the standby/,
  },
  {
    name: 'behind',
    given: { lagBytes: 64 * 1024 ** 2, replication: 'asynchronous', fence: 'gateway' },
    says: ['64 MB behind', 'Gateway'],
    banner: /works alone/,
  },
  {
    name: 'without-witness',
    given: { witness: { url: 'https://witness.example.com:7443', reachable: false } },
    says: ['Not reachable', 'Start the witness again'],
  },
  { name: 'releases', given: { peerRelease: '1.1.0' }, says: ['Finish the upgrade of the pair', '1.2.0 here, 1.1.0 there'] },
  ...(['held', 'standby', 'isolated', 'rejoining', 'maintenance', 'conflict', 'failed'] as const).map(state => ({
    name: state,
    given: { state, mode: null },
    says: [
      {
        held: 'Held',
        standby: 'Standby',
        isolated: 'Isolated',
        rejoining: 'Rejoining',
        maintenance: 'In maintenance',
        conflict: 'In conflict',
        failed: 'Failed',
      }[state],
    ],
    banner: state === 'conflict' ? /Both nodes have been active at once/ : /This node is \w+, and not the active one/,
  })),
]

describe('the High availability page', function () {
  this.timeout(180_000)
  let site: Site
  let folder: string
  before(async () => {
    site = await openSite({ start: new Date() })
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-pair-'))
    Object.assign(site.context.config, { pairStatusFile: join(folder, 'status.json') })
  })
  afterEach(async () => {
    rmSync(join(folder, 'status.json'), { force: true })
    await closeWindows()
  })
  after(async () => {
    await closeBrowser()
    await site?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function write(given: object, age = 0) {
    const at = new Date(site.clock.now().getTime() - age).toISOString()
    const history = [
      { at, sentence: 'node-b streams again, and is in step.' },
      { at, sentence: 'node-a was promoted: node-b did not answer, and the witness let this node win.' },
    ]
    writeFileSync(join(folder, 'status.json'), JSON.stringify({ at, history, ...well, ...given }))
  }

  /** Pictures for whoever changes the page: SCREENSHOTS names a folder. */
  const picture = process.env.SCREENSHOTS

  it('says what every state of a pair is and means, with a banner where a failure would not be covered', async () => {
    const ada = await site.signedIn('Ada')
    for (const { name, given, says, banner } of faces) {
      write(given)
      const { status, text } = await ada.get('/admin/high-availability')
      assert.equal(status, 200)
      for (const words of says) assert.ok(text.includes(words), `${name}: ${words}`)
      const shown = /<section[^>]*aria-label="Standing of the pair">.*?<\/section>/s.exec(text)?.[0]
      assert.equal(shown !== undefined, banner !== undefined, name)
      if (banner) assert.match(shown!, banner)
    }
  })

  it('looks right and is accessible when all is well and when it is not', async () => {
    const { page, complaints } = await openWindowOf(site, 'Ada', { width: 1280, height: 900 })
    for (const { name, given } of faces.filter(({ name }) => picture || name === 'well' || name === 'conflict')) {
      write(given)
      await page.goto('/admin/high-availability')
      await assertAccessible(page)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} fits its window`)
      if (picture) await page.screenshot({ path: join(picture, `${name}.png`), fullPage: true })
    }
    assert.deepEqual(complaints, [])
  })

  it('says of a stand-alone server what a pair would give, and how to set one up', async () => {
    const { page, complaints } = await openWindowOf(site, 'Ada', { dark: true, scripts: false })
    await page.goto('/admin/high-availability')
    assert.match(await page.locator('#setup').innerText(), /ha_generatekeys[\s\S]*ha_provision_standby[\s\S]*ha_deploy[\s\S]*ha_status/)
    assert.equal(await page.locator('section[aria-label="Standing of the pair"]').count(), 0)
    if (picture) await page.screenshot({ path: join(picture, 'stand-alone.png'), fullPage: true })
    assert.deepEqual(complaints, [])
  })

  it('changes by itself when the state does', async () => {
    write({})
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/high-availability')
    await page.getByText('Not redundant').waitFor({ state: 'detached' })
    write(alone)
    await page.locator('#pair').getByText('Not redundant').waitFor()
  })

  it('is for a System Administrator; others who see the server see the banner', async () => {
    write(alone)
    const otto = await site.signedIn('Otto')
    assert.equal((await otto.get('/admin/high-availability')).status, 403)
    const home = (await otto.get('/admin')).text
    assert.match(home, /This node works alone/)
    assert.doesNotMatch(home, /admin\/high-availability/)
  })

  it('takes a file that is not the agent’s for none', async () => {
    writeFileSync(join(folder, 'status.json'), '{"state": "active"')
    assert.match((await (await site.signedIn('Ada')).get('/admin/high-availability')).text, /stands alone/)
    assert.ok(site.context.logged.some(line => line.includes('The status of the pair cannot be read')))
  })

  it('is told by alerts, which clear by themselves, by metrics and by health', async () => {
    const api = await serveApi(site.context)
    const token = await api.token()
    const open = async () =>
      (await site.context.storage.db('alerts').where({ kind: pairAlertKind }).whereNull('cleared_at').orderBy('subject')).map(
        alert => alert.subject,
      )
    write({ ...alone, witness: { url: 'https://witness.example.com:7443', reachable: false } })
    await tick(site.context)
    assert.deepEqual(await open(), ['redundancy', 'witness'])
    const metrics = (await api.send('GET', '/metrics', { token })).body
    for (const line of [
      'quartermaster_pair_state{state="active"} 1',
      'quartermaster_pair_redundant 0',
      'quartermaster_pair_witness_reachable 0',
    ])
      assert.ok(metrics.includes(line), line)
    site.clock.advance(2 * minute)
    await tick(site.context)
    assert.deepEqual(await open(), ['agent', 'redundancy', 'witness'])
    write({})
    site.clock.advance(minute)
    write({})
    await tick(site.context)
    assert.deepEqual(await open(), [])
    assert.equal((await api.send('GET', '/health/ready')).status, 200)
    write({ state: 'isolated', mode: null })
    // Of another context, because a server asks itself once a second at most.
    const asked = await serveApi({ ...site.context })
    const { status, json } = await asked.send('GET', '/health/ready')
    assert.deepEqual([status, json.statusMessage], [503, 'This node of the pair is isolated.'])
    await Promise.all([api.close(), asked.close()])
  })
})
