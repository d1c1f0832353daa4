import assert from 'node:assert/strict'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { hour, later } from '../../src/rules/clock.ts'
import { writeMail } from '../../src/storage/mails.ts'
import { planSynchronization } from '../../src/storage/synchronizationSchedules.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { assertAccessible, closeBrowser, closeWindows, openWindowOf } from '../support/browser.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths

describe('the jobs of the server', function () {
  this.timeout(120_000)
  let site: Site
  let ada: HttpVisitor
  before(async () => {
    site = await openSite({ start: new Date() })
    ada = await site.signedIn('Ada')
  })
  after(async () => {
    await closeWindows()
    await closeBrowser()
    await site?.close()
  })
  const db = () => site.context.storage.db
  const row = (text: string, id: string) => new RegExp(`id="${id}"(.|\\n)*?</tr>`).exec(text)?.[0] ?? ''

  it('are none at first, and nothing is planned', async () => {
    assert.match((await ada.get(admin.jobs)).text, /No job yet/)
    assert.match((await ada.get(admin.agenda)).text, /Nothing is planned/)
  })

  it('show what was done, what failed and why, what runs and what waits, those that are not over first', async () => {
    const now = site.clock.now()
    const backup = { origin: 'person', started_by: 'ada', started_at: now }
    await db()('backups').insert([
      { ...backup, state: 'failed', finished_at: now, message: 'The disk is full.' },
      { ...backup, state: 'done', finished_at: now },
      { ...backup, origin: 'schedule', state: 'running', started_at: later(now, -hour) },
    ])
    const mail = {
      host: 'localhost',
      port: 25,
      security: 'none' as const,
      user: null,
      from: 'a@example.com',
      recipients: ['b@example.com'],
      ca: null,
    }
    await changeMailSettings(site.context, administrator, { settings: mail })
    await writeMail(db(), { localAccountId: site.home.account.id, cause: 'x', subject: 'Overdue', body: '', at: now })
    await db()('mails').update({ failure: 'Nobody answers.', next_at: later(now, hour) })
    const { id } = await db()('users').where({ username: 'ada' }).first('id')
    const batch = { local_account_id: site.home.account.id, deed: 'removal', user_id: id, chosen: '{}', total: 3 }
    await db()('instance_batches').insert({ ...batch, asked_at: later(now, -2 * hour) })
    const { text } = await ada.get(admin.jobs)
    const ids = [...text.matchAll(/id="((?:backup|mail|batch)-\d+)"/g)].map(match => match[1])
    assert.deepEqual(ids, ['mail-1', 'backup-3', 'batch-1', 'backup-2', 'backup-1'])
    assert.match(row(text, 'backup-1'), /Failed(.|\n)*The disk is full\./)
    assert.match(row(text, 'backup-3'), /Backup by schedule(.|\n)*Running/)
    assert.match(row(text, 'batch-1'), /product-instance-batches\/1(.|\n)*Removal of product instances(.|\n)*Running/)
    assert.match(row(text, 'mail-1'), /href="\/admin\/settings">Mail<\/a>: Overdue(.|\n)*Laboratory(.|\n)*Waiting(.|\n)*Nobody answers\./)
  })

  it('let mail that waits be tried at once, and say so where none does', async () => {
    assert.equal((await ada.submit(admin.jobs, admin.mailRetry, {})).status, 303)
    assert.match((await ada.get(admin.jobs)).text, /The mail that waits is tried within a minute/)
    assert.deepEqual((await db()('mails').first('next_at')).next_at, site.clock.now())
    await db()('mails').update({ next_at: null })
    await ada.submit(admin.jobs, admin.mailRetry, {})
    assert.match((await ada.get(admin.jobs)).text, /No mail waits/)
  })

  it('say what falls due next, in its order, and when the housekeeping was done', async () => {
    const now = site.clock.now()
    await planSynchronization(db(), site.home.account.id, { nextAt: later(now, 2 * hour), failures: 0 })
    await db()('mails').update({ next_at: now })
    await db()('agenda').insert({ name: 'Forget what is old', done_at: now })
    const { text } = await ada.get(admin.agenda)
    assert.match(text, /Due now(.|\n)*Mail: Overdue(.|\n)*Synchronization(.|\n)*Laboratory(.|\n)*Forget what is old/)
    assert.match((await ada.fragment(admin.agenda)).text, /^<div id="agenda"/m)
  })

  it('are seen by an operator, and can be used by everybody', async () => {
    const otto = await site.signedIn('Otto')
    assert.match((await otto.get(admin.jobs)).text, /Try the mail that waits/)
    assert.equal((await (await site.signedIn('Vera')).get(admin.jobs)).status, 404)
    const { page, complaints } = await openWindowOf(site, 'Ada')
    for (const path of [admin.jobs, admin.agenda]) {
      await page.goto(path)
      await assertAccessible(page)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits its window`)
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${path.split('/').at(-1)}.png` })
    }
    assert.deepEqual(complaints, [])
  })
})
