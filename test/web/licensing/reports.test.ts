import assert from 'node:assert/strict'
import { changeMailSettings } from '../../../src/administration/mail/changeMailSettings.ts'
import { sendDueMails } from '../../../src/administration/mail/sendDueMails.ts'
import { reports } from '../../../src/licensing/reports/catalog.ts'
import { writeDueReports } from '../../../src/licensing/reports/writeDueReports.ts'
import { day } from '../../../src/rules/clock.ts'
import { paths } from '../../../src/web/paths.ts'
import { administrator } from '../../support/account.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { type MailServer, openMailServer } from '../../support/mailServer.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('reports of the Licensing workspace', function () {
  this.timeout(60_000)
  let rail: Rail
  let sofia: HttpVisitor
  let victor: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(1200)
    sofia = await rail.signedIn('Sofia')
    victor = await rail.signedIn('Victor')
    uuid = rail.fleet.uuid
  })
  after(() => rail.close())

  const rowsOf = async (visitor: HttpVisitor, name: string, query = ''): Promise<Record<string, unknown>[]> =>
    JSON.parse((await visitor.get(licensing.reportFile(uuid, name, 'json') + query)).text)
  const lines = (text: string) => text.trimEnd().split('\r\n').length

  for (const report of reports) {
    it(`show a preview, a page for paper and both files of the same: ${report.name}`, async () => {
      const page = await sofia.get(licensing.report(uuid, report.name))
      const printed = await sofia.get(licensing.reportPrint(uuid, report.name))
      assert.deepEqual([page.status, printed.status], [200, 200])
      for (const { heading } of report.columns) assert.ok(page.text.includes(`>${heading}</th>`) || !page.text.includes('<tbody'), heading)
      const found = await rowsOf(sofia, report.name)
      const csv = await sofia.get(licensing.reportFile(uuid, report.name, 'csv'))
      assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
      if (found.length > 0)
        assert.deepEqual(
          Object.keys(found[0]!),
          report.columns.map(({ name }) => name),
        )
      if (!csv.text.includes('"')) assert.equal(lines(csv.text), found.length + 1)
    })

    it(`take at most four queries, two of which find the session and the account: ${report.name}`, async () => {
      const { storage } = rail.context
      let queries = 0
      const count = () => void queries++
      for (const pool of [storage.db, storage.pages]) pool.on('query', count)
      await sofia.fragment(licensing.report(uuid, report.name), { 'X-Unattended': '1' })
      for (const pool of [storage.db, storage.pages]) pool.off('query', count)
      assert.ok(queries <= 4, `${queries} queries`)
    })

    it(`show somebody with one Local Virtual Account what is theirs alone: ${report.name}`, async () => {
      const theirs = await rowsOf(victor, report.name)
      const places = new Set(theirs.map(row => row.localVirtualAccount))
      places.delete('Default')
      assert.deepEqual([...places], [])
      assert.ok(theirs.length <= (await rowsOf(sofia, report.name)).length)
    })
  }

  it('hold every product instance, past the end of a batch, and what is filtered alone', async () => {
    const all = await rowsOf(sofia, 'product-instances')
    const found = await rail.context.storage.db('product_instances').where({ local_account_id: rail.fleet.localAccountId })
    assert.equal(all.length, found.length)
    const expired = await rowsOf(sofia, 'product-instances', '?state=EXPIRED')
    assert.ok(expired.length > 0 && expired.every(row => row.state === 'Expired'))
  })

  it('tell what is short as the list of licenses does', async () => {
    const short = await rowsOf(sofia, 'licenses', '?standing=short')
    assert.ok(short.length > 0)
    assert.ok(short.every(row => Number(row.balance) < 0 || row.standing === 'Out of compliance'))
    const enough = await rowsOf(sofia, 'licenses', '?standing=enough')
    assert.equal(short.length + enough.length, (await rowsOf(sofia, 'licenses')).length)
  })

  it('tell of lots by when they end', async () => {
    const all = await rowsOf(sofia, 'subscriptions')
    const now = rail.clock.now()
    for (const row of await rowsOf(sofia, 'subscriptions', '?standing=ending')) {
      const end = new Date(String(row.endsAt))
      assert.ok(end > now && end.getTime() <= now.getTime() + 90 * day)
    }
    const parts = await Promise.all(['in+force', 'pending', 'ended'].map(each => rowsOf(sofia, 'subscriptions', `?standing=${each}`)))
    assert.equal(parts.flat().length, all.length)
    assert.ok(all.length > 0)
  })

  it('go on from page to page and back to the first', async () => {
    const names = (text: string) => [...text.matchAll(/data-label="Name">([^<]+)/g)].map(match => match[1])
    const first = await sofia.get(licensing.report(uuid, 'product-instances'))
    const next = /rel="next"/.test(first.text) && /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    assert.ok(next)
    const second = await sofia.get(next)
    const all = (await rowsOf(sofia, 'product-instances')).map(row => row.name)
    assert.deepEqual([...names(first.text), ...names(second.text)], all.slice(0, 100))
  })

  it('say so where there is no such report, and take nonsense for nothing asked', async () => {
    assert.equal((await sofia.get(licensing.report(uuid, 'secrets'))).status, 404)
    assert.equal((await sofia.get(licensing.reportFile(uuid, 'secrets', 'csv'))).status, 404)
    const answer = await sofia.get(`${licensing.report(uuid, 'licenses')}?standing=%27&place=-1&after=@@&search=%00`)
    assert.equal(answer.status, 200)
    assert.match(answer.text, /<tbody/)
  })

  it('leave it to nobody to run a formula', async () => {
    await rail.context.storage
      .db('product_instances')
      .where({ local_account_id: rail.fleet.localAccountId, name: 'zrh-wlc-001' })
      .update({ name: '=cmd|calc' })
    const { text } = await sofia.get(`${licensing.reportFile(uuid, 'product-instances', 'csv')}?search=cmd`)
    assert.match(text, /\r\n'=cmd\|calc,/)
  })

  describe('by mail', () => {
    let mails: MailServer
    before(async () => {
      mails = await openMailServer()
    })
    after(() => mails.close())

    const wish = { recipients: 'team@example.com, boss@example.com', frequency: 'weekly', hour: '6', fileKind: 'csv' }
    const schedule = (visitor: HttpVisitor, form: Record<string, string>, name = 'licenses') =>
      visitor.submit(licensing.newReportSchedule(uuid, name), licensing.reportSchedules(uuid, name), form)

    it('are refused in a sentence while no mail goes out, and where a field does not fit', async () => {
      assert.match((await schedule(sofia, wish)).text, /No mail goes out of this server yet/)
      await changeMailSettings(rail.context, administrator, {
        settings: {
          host: 'localhost',
          port: mails.port,
          security: 'starttls',
          user: null,
          from: 'licenses@example.com',
          recipients: [],
          ca: mails.ca,
        },
      })
      for (const [name, value, sentence] of [
        ['recipients', 'nobody', 'nobody is not an e-mail address'],
        ['recipients', ' ', 'Give one to 10 e-mail addresses'],
        ['hour', '24', 'Give an hour from 0 to 23'],
        ['frequency', 'hourly', 'Choose daily, weekly or monthly'],
        ['fileKind', 'exe', 'Choose CSV or JSON'],
      ] as const) {
        const answer = await schedule(sofia, { ...wish, [name]: value })
        assert.equal(answer.status, 422, name)
        assert.ok(answer.text.includes(sentence), sentence)
      }
    })

    const run = async () => {
      await writeDueReports(rail.context)
      await sendDueMails(rail.context)
    }
    const fileIn = (text: string) =>
      Buffer.from(
        text
          .split(/\r\n\r\n/)
          .at(-1)!
          .split('\r\n--')[0]!,
        'base64',
      )

    it('come when their time has come, once, with the file, and are planned anew', async () => {
      assert.equal((await schedule(sofia, { ...wish, standing: 'short' })).status, 303)
      const page = await sofia.get(licensing.reports(uuid))
      assert.match(page.text, /team@example\.com, boss@example\.com/)
      await run()
      assert.equal(mails.delivered.length, 0)
      rail.clock.advance(7 * day)
      await Promise.all([writeDueReports(rail.context), writeDueReports(rail.context)])
      await run()
      assert.equal(mails.delivered.length, 1)
      const [mail] = mails.delivered
      assert.deepEqual(mail!.to, ['team@example.com', 'boss@example.com'])
      sofia = await again('Sofia')
      assert.equal(fileIn(mail!.text).toString(), (await sofia.get(`${licensing.reportFile(uuid, 'licenses', 'csv')}?standing=short`)).text)
      const [kept] = await rail.context.storage.db('mails').whereNotNull('sent_at').select('attachment')
      assert.equal(kept.attachment, null)
      rail.clock.advance(7 * day)
      await run()
      assert.equal(mails.delivered.length, 2)
    })

    it('hold what their person may see, and end with their role', async () => {
      victor = await again('Victor')
      assert.equal(
        (await schedule(victor, { ...wish, frequency: 'daily', fileKind: 'json', recipients: 'victor@example.com' }, 'product-instances'))
          .status,
        303,
      )
      rail.clock.advance(day)
      await run()
      const got = mails.delivered.findLast(each => each.to.includes('victor@example.com'))!
      const rows: { localVirtualAccount: string }[] = JSON.parse(fileIn(got.text).toString())
      assert.ok(rows.length > 0 && rows.every(row => row.localVirtualAccount === 'Default'))
      const { db } = rail.context.storage
      await db('role_assignments')
        .whereIn('user_id', db('users').where({ username: 'victor' }).select('id'))
        .delete()
      const before = mails.delivered.length
      rail.clock.advance(day)
      await run()
      assert.equal(mails.delivered.slice(before).filter(each => each.to.includes('victor@example.com')).length, 0)
      assert.deepEqual(await db('report_schedules').whereIn('user_id', db('users').where({ username: 'victor' }).select('id')), [])
    })

    it('are ended by whoever set them up or manages the account, and by nobody else', async () => {
      const [{ id }] = await rail.context.storage.db('report_schedules').select('id')
      const sam = await again('Sam')
      assert.equal((await sam.get(licensing.reportScheduleEnd(uuid, id))).status, 404)
      sofia = await again('Sofia')
      assert.match((await sofia.get(licensing.reportScheduleEnd(uuid, id))).text, /It is not sent any more to/)
      const ended = await sofia.submit(licensing.reportScheduleEnd(uuid, id), licensing.reportScheduleEnd(uuid, id), {})
      assert.equal(ended.status, 303)
      assert.deepEqual(await rail.context.storage.db('report_schedules'), [])
    })

    /** Sessions end while a test lives through weeks. */
    const again = (member: 'Sofia' | 'Victor' | 'Sam') => rail.signedIn(member)
  })
})
