import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action } from '../../appliance/actions/action.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import { listJobs } from '../../appliance/actions/jobs.ts'
import { pathOf } from '../../appliance/actions/places.ts'
import { applyUpgrade, checkUpgrade, rollBack, upgradeHistory } from '../../appliance/actions/upgrades.ts'
import { openJobs } from '../../appliance/helper/jobs.ts'
import { listen } from '../../appliance/helper/listen.ts'
import { newReleaseKey } from '../../appliance/release/releaseKey.ts'
import { currentRelease, switchTo } from '../../appliance/upgrade/installed.ts'
import { close } from '../../appliance/upgrade/journal.ts'
import { checkRelease, upgradeHistory as historyOf } from '../../appliance/upgrade/upgrade.ts'
import { applianceGround } from '../support/applianceGround.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../support/browser.ts'
import { newFolder } from '../support/folders.ts'
import { aKey, release, smallSource, writeFiles } from '../support/releases.ts'
import { openSite, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

/**
 * A root helper behind a real socket, on a machine where release 1.0.0 is installed: it verifies and tells as everywhere; what would start services
 * goes through its steps one by one, when `next` says so.
 */
async function startHelper(site: Site) {
  const root = newFolder('page')
  const data = site.context.config.dataFolder
  const folders = { ...applianceFolders(root), data, patches: join(data, 'patches') }
  const { releases } = folders
  writeFiles(join(releases, 'releases/1.0.0'), { 'package.json': '{}', 'release-key.pem': aKey.publicKey })
  symlinkSync('releases/1.0.0', join(releases, 'current'))
  const ground = applianceGround({ root, releases, data, settings: join(root, 'settings.env') })
  const gate = { step: 0 }
  const pass = (index: number) => until(() => gate.step > index)
  const change =
    (kind: 'upgrade' | 'rollback', to: string): Action['run'] =>
    async (_input, machine) => {
      const from = currentRelease(releases)
      for (const [index, step] of ['backup', 'restart'].entries()) {
        machine.tell({ step })
        await pass(index)
      }
      mkdirSync(join(releases, 'releases', to), { recursive: true })
      writeFileSync(join(releases, 'releases', to, 'package.json'), '{}')
      switchTo(releases, to)
      const startedAt = new Date().toISOString()
      const journal = {
        id: startedAt,
        kind,
        from,
        to,
        startedAt,
        backup: null,
        reason: null,
        archive: null,
        step: 'check',
        direction: 'forward',
        keep: 0,
      } as const
      return close(releases, journal, 'done', new Date())
    }
  const actions: Action[] = [
    { ...checkUpgrade, run: async (input, machine) => checkRelease(ground, pathOf(machine, (input as { file: string }).file)) },
    { ...upgradeHistory, run: async () => historyOf(releases) },
    { ...applyUpgrade, run: change('upgrade', '1.2.0') },
    { ...rollBack, run: change('rollback', '1.0.0') },
    listJobs,
  ]
  const path = join(root, 'server.sock')
  Object.assign(site.context.config, { helperSocket: path })
  const jobs = openJobs(folders.jobs, () => new Date())
  const helper = await listen({ profile: 'standard', appliance: true, folders, jobs, actions, log: () => {} }, [
    { caller: 'server', at: { path } },
  ])
  return {
    patches: folders.patches,
    next: () => void gate.step++,
    again: () => {
      gate.step = 0
    },
    current: () => currentRelease(releases),
    async end() {
      await helper.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

describe('the page of upgrades', function () {
  this.timeout(120_000)
  let site: Site
  let newer: string
  let strange: string
  before(async () => {
    site = await openSite({ start: new Date() })
    const source = smallSource()
    newer = (await release(source, { version: '1.2.0' })).path
    strange = (await release(source, { version: '1.3.0', key: newReleaseKey().privateKey })).path
  })
  after(async () => {
    await closeBrowser()
    await site.close()
  })
  const events = async () =>
    (await site.context.storage.db('events').where({ kind: 'release' }).orderBy('id')).map(({ message, who }) => `${who}: ${message}`)

  it('says where there is no appliance beneath', async () => {
    const { page } = await openWindowOf(site, 'Ada')
    await page.goto('/admin/upgrade')
    await page.getByText('There is no appliance beneath this server').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Upload' }).count(), 0)
    await assertAccessible(page)
  })

  it('is for a System Administrator alone', async () => {
    const otto = await site.signedIn('Otto')
    assert.equal((await otto.get('/admin/upgrade')).status, 403)
    assert.doesNotMatch((await otto.get('/admin')).text, /\/admin\/upgrade/)
  })

  describe('of an appliance', () => {
    let helper: Awaited<ReturnType<typeof startHelper>>
    before(async () => {
      helper = await startHelper(site)
    })
    after(() => helper.end())

    it('refuses what is no release, what a stranger signed and what was cut, and keeps nothing of it', async () => {
      const { page, complaints } = await openWindowOf(site, 'Ada')
      const folder = newFolder('refused')
      const [nonsense, cut] = [join(folder, 'nonsense.qmr'), join(folder, 'cut.qmr')]
      writeFileSync(nonsense, 'no release')
      copyFileSync(newer, cut)
      truncateSync(cut, readFileSync(newer).length - 2000)
      for (const [file, words] of [
        [nonsense, /This is not a release of Quartermaster/],
        [strange, /signed by a key that the installed release does not know/],
        [cut, /altered|damaged/],
      ] as const) {
        await page.goto('/admin/upgrade')
        await page.getByLabel('Release', { exact: false }).setInputFiles(file)
        await page.getByRole('button', { name: 'Upload' }).click()
        await page.getByText(words).first().waitFor()
        assert.deepEqual(readdirSync(helper.patches), [])
      }
      await assertAccessible(page)
      assert.deepEqual(await events(), [])
      assert.deepEqual(
        complaints.filter(words => !words.includes('422')),
        [],
      )
      rmSync(folder, { recursive: true })
    })

    it('takes nothing of a file whose form is not its own, and says what is missing where there is no file', async () => {
      const ada = await site.signedIn('Ada')
      const token = await ada.token('/admin/upgrade')
      const send = async (fields: [string, string | Blob][]) => {
        const form = new FormData()
        for (const [name, value] of fields) form.append(name, value)
        const written = new Response(form)
        const headers = { 'content-type': written.headers.get('content-type')! }
        return ada.send('POST', '/admin/upgrade/releases', { body: Buffer.from(await written.arrayBuffer()), headers })
      }
      const file = new Blob([new Uint8Array(readFileSync(newer))])
      assert.equal(
        (
          await send([
            ['_token', 'not theirs'],
            ['file', file],
          ])
        ).status,
        403,
      )
      // A token that stands behind the file is none when the file comes.
      assert.equal(
        (
          await send([
            ['file', file],
            ['_token', token],
          ])
        ).status,
        403,
      )
      assert.equal((await send([['_token', token]])).status, 422)
      const refused = await send([
        ['_token', token],
        ['file', new Blob(['no release'])],
      ])
      assert.equal(refused.status, 422)
      assert.match(refused.text, /This is not a release of Quartermaster/)
      assert.deepEqual(readdirSync(helper.patches), [])
    })

    it('uploads a release, shows what it is, installs it step by step, and goes back by a typed word', async () => {
      const { page, complaints } = await openWindowOf(site, 'Ada')
      await page.goto('/admin/upgrade')
      await page.getByRole('heading', { name: 'No upgrade yet' }).waitFor()
      await page.getByLabel('Release', { exact: false }).setInputFiles(newer)
      await page.getByRole('button', { name: 'Upload' }).click()
      await page.getByRole('heading', { name: 'Release 1.2.0' }).waitFor()
      await page.getByText('every byte is what was signed').waitFor()
      await assertAccessible(page)
      assert.deepEqual(readdirSync(helper.patches), ['quartermaster-1.2.0.qmr'])

      await page.getByRole('button', { name: 'Install 1.2.0' }).click()
      await page.getByText('Take a backup: step 3 of 9').waitFor()
      await assertAccessible(page)
      // Nobody starts a second one, from another window or by an old page.
      const ada = await site.signedIn('Ada')
      const second = await ada.submit(
        '/admin/upgrade/releases/quartermaster-1.2.0.qmr',
        '/admin/upgrade/releases/quartermaster-1.2.0.qmr/installation',
        {},
      )
      assert.equal(second.status, 303)
      assert.match((await ada.get('/admin/upgrade')).text, /is being changed at this moment/)
      helper.next()
      await page.getByText('Start the server again: step 8 of 9').waitFor()
      helper.next()
      await page.getByRole('row', { name: /Upgrade.*1\.0\.0.*1\.2\.0.*Done/ }).waitFor()
      assert.equal(helper.current(), '1.2.0')
      await assertAccessible(page)

      helper.again()
      await page.getByRole('link', { name: 'Go back to 1.0.0' }).click()
      await page.getByLabel(/Type rollback/).fill('yes')
      await page.getByRole('button', { name: 'Go back' }).click()
      await page.getByText('Type "rollback" to confirm it.').first().waitFor()
      assert.equal(helper.current(), '1.2.0')
      await page.getByLabel(/Type rollback/).fill('rollback')
      await page.getByRole('button', { name: 'Go back' }).click()
      await page.getByText('The former release is being put back').waitFor()
      helper.next()
      helper.next()
      await page.getByRole('row', { name: /Rollback.*1\.2\.0.*1\.0\.0.*Done/ }).waitFor()
      assert.equal(helper.current(), '1.0.0')

      await page.getByRole('button', { name: 'Delete quartermaster-1.2.0.qmr' }).click()
      await page.getByText('quartermaster-1.2.0.qmr was deleted.').waitFor()
      assert.deepEqual(readdirSync(helper.patches), [])
      assert.deepEqual(
        complaints.filter(words => !words.includes('422')),
        [],
      )
      const told = await events()
      assert.match(told[0]!, /^ada: Release 1\.2\.0 was uploaded\. It is signed by ([0-9a-f]{4} ?){8}\.$/)
      assert.deepEqual(
        told.slice(1).map(words => words.replace(/^.*?: /, '')),
        [
          'An upgrade to release 1.2.0 was begun.',
          'A rollback to release 1.0.0 was begun.',
          'The uploaded release quartermaster-1.2.0.qmr was deleted.',
        ],
      )
    })

    it('names no file but those that wait', async () => {
      const ada = await site.signedIn('Ada')
      for (const name of ['quartermaster-9.9.9.qmr', '..%2F..%2Fetc%2Fpasswd', 'a.txt']) {
        assert.equal((await ada.get(`/admin/upgrade/releases/${name}`)).status, 303, name)
        assert.match((await ada.get('/admin/upgrade')).text, /This release does not wait here any more/, name)
      }
    })
  })
})
