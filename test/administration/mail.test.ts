import assert from 'node:assert/strict'
import { deactivateLocalAccount } from '../../src/administration/accounts/deactivateLocalAccount.ts'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { sendDueMails } from '../../src/administration/mail/sendDueMails.ts'
import { sendTestMail } from '../../src/administration/mail/sendTestMail.ts'
import { hour } from '../../src/rules/clock.ts'
import type { MailSettings } from '../../src/rules/mail.ts'
import { writeMail } from '../../src/storage/mails.ts'
import { administrator, registeredAccount } from '../support/account.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type MailServer, openMailServer } from '../support/mailServer.ts'

describe('mail', () => {
  let database: TestDatabase
  let context: TestContext
  let clock: TestClock
  let server: MailServer | undefined
  beforeEach(async () => {
    database = await createTestDatabase()
    clock = testClock()
    context = testContext(database.storage, clock)
  })
  afterEach(async () => {
    await server?.close()
    server = undefined
    await database.drop()
  })

  const settings = (given: Partial<MailSettings> = {}): MailSettings => ({
    host: 'localhost',
    port: server!.port,
    security: 'starttls',
    user: null,
    from: 'licenses@example.com',
    recipients: ['team@example.com'],
    ca: server!.ca,
    ...given,
  })
  const set = (given: Partial<MailSettings> = {}, password?: string) =>
    changeMailSettings(context, administrator, { settings: settings(given), ...(password !== undefined && { password }) })
  const write = (cause = 'a', localAccountId = 0) =>
    writeMail(database.storage.db, { localAccountId, cause, subject: 'Überfällig', body: 'Zürich is overdue.\n', at: clock.now() })
  const row = () => database.storage.db('mails').first()

  for (const way of ['tls', 'starttls', 'none'] as const) {
    it(`goes out by ${way}`, async () => {
      server = await openMailServer({ secure: way === 'tls', plain: way === 'none' })
      await set({ security: way })
      await write()
      await sendDueMails(context)
      const [mail] = server.delivered
      assert.deepEqual([mail?.from, mail?.to, mail?.secure], ['licenses@example.com', ['team@example.com'], way !== 'none'])
      assert.match(mail!.text, /^Subject: =\?UTF-8\?/m)
      assert.ok((await row()).sent_at)
      await sendDueMails(context)
      assert.equal(server.delivered.length, 1)
    })
  }

  it('is let in with a password, which is nowhere in clear', async () => {
    server = await openMailServer({ user: 'quartermaster', password: 'correct horse' })
    await set({ user: 'quartermaster' }, 'wrong one')
    await assert.rejects(sendTestMail(context, { to: 'ada@example.com' }), { code: 'MAIL_NOT_SENT', message: /Check user and password/ })
    await set({ user: 'quartermaster' }, 'correct horse')
    await sendTestMail(context, { to: 'ada@example.com' })
    assert.deepEqual([server.delivered[0]?.user, server.delivered[0]?.to], ['quartermaster', ['ada@example.com']])
    await set({ user: 'quartermaster', recipients: [] })
    await sendTestMail(context, { to: 'ada@example.com' })
    assert.equal(server.delivered.length, 2, 'a password that is not given anew stays')
    const kept = JSON.stringify(await database.storage.db('settings')) + JSON.stringify(await database.storage.db('events'))
    assert.doesNotMatch(kept + context.logged.join(''), /correct horse|wrong one/)
  })

  it('does not go to a server without STARTTLS where that is asked for, nor to one with a certificate of its own', async () => {
    server = await openMailServer({ plain: true })
    await set()
    await assert.rejects(sendTestMail(context, { to: 'ada@example.com' }), { code: 'MAIL_NOT_SENT' })
    await server.close()
    server = await openMailServer()
    await set({ ca: null })
    await assert.rejects(sendTestMail(context, { to: 'ada@example.com' }), { code: 'MAIL_NOT_SENT', message: /cannot be trusted/ })
    assert.deepEqual(server.delivered, [])
  })

  it('waits while the mail server is away, tells of it, and goes out once when it is back', async () => {
    server = await openMailServer()
    const { port } = server
    await set()
    await server.close()
    await write('first')
    await write('second')
    await write('first')
    for (let hours = 0; hours < 12; hours++) {
      await sendDueMails(context)
      clock.advance(hour)
    }
    const alerts = () => database.storage.db('alerts').where({ kind: 'mail not sent' }).whereNull('cleared_at')
    assert.match((await alerts())[0].message, /cannot be (trusted or )?reached/)
    assert.equal((await row()).attempts, 12)
    server = await openMailServer({ port })
    await set()
    await sendDueMails(context)
    assert.equal(server.delivered.length, 2)
    assert.deepEqual(await alerts(), [])
    const ids = server.delivered.map(mail => /^Message-ID: (.*)$/im.exec(mail.text)![1])
    assert.equal(new Set(ids).size, 2)
  })

  it('is sent by one of two servers', async () => {
    server = await openMailServer()
    await set()
    for (let mails = 0; mails < 10; mails++) await write(String(mails))
    await Promise.all([sendDueMails(context), sendDueMails(context)])
    assert.equal(server.delivered.length, 10)
  })

  it('of an account goes to its own address and to the team, and without any to nobody', async () => {
    server = await openMailServer()
    const { account } = await registeredAccount(context, { notificationEmail: 'site@example.com' })
    await write('before anything is set', account.id)
    await set()
    await write('a', account.id)
    await sendDueMails(context)
    assert.deepEqual(
      server.delivered.map(mail => mail.to.sort()),
      [['site@example.com', 'team@example.com']],
    )
    await set({ recipients: [] })
    await write('b')
    await sendDueMails(context)
    assert.equal(server.delivered.length, 1)
  })

  it('tells the requester why an account was deactivated', async () => {
    server = await openMailServer()
    await set({ recipients: [] })
    const { account } = await registeredAccount(context, { name: 'Zurich', notificationEmail: 'site@example.com' })
    const wish = { localAccountId: account.id, reason: 'The site was sold', confirmation: 'Zurich', despite: true }
    await deactivateLocalAccount(context, administrator, wish)
    await sendDueMails(context)
    assert.deepEqual(server.delivered[0]?.to, ['site@example.com'])
    assert.match(server.delivered[0]!.text, /The site was sold/)
  })

  it('that a recipient refuses is tried again, and says why', async () => {
    server = await openMailServer()
    server.refused.add('team@example.com')
    await set()
    await write()
    await sendDueMails(context)
    assert.match((await row()).failure, /does not take mail for team@example\.com/)
  })

  it('that one of several refuses reaches the others once, and is given up for that one after a day, with an alert that names them', async () => {
    server = await openMailServer()
    server.refused.add('team@example.com')
    await set({ recipients: ['team@example.com', 'boss@example.com'] })
    await write()
    for (let hours = 0; hours < 30; hours++) {
      await sendDueMails(context)
      clock.advance(hour)
    }
    assert.deepEqual(
      server.delivered.map(mail => mail.to),
      [['boss@example.com']],
    )
    assert.equal((await row()).next_at, null)
    const alerts = () => database.storage.db('alerts').where({ kind: 'mail recipient refused' }).whereNull('cleared_at')
    assert.match((await alerts())[0].message, /team@example\.com for a day/)
    server.refused.clear()
    await write('another')
    await sendDueMails(context)
    assert.deepEqual(await alerts(), [])
  })

  it('is refused settings with which none can go out', async () => {
    server = await openMailServer()
    const wrong: Partial<MailSettings>[] = [
      { host: 'a b' },
      { host: '' },
      { port: 0 },
      { from: 'nobody' },
      { recipients: ['x'] },
      { from: 'a@b.c\r\nBcc: x@y.z' },
      { user: 'u', security: 'none' },
      { ca: 'x' },
    ]
    for (const given of wrong) await assert.rejects(set(given), { code: 'INVALID' })
  })
})
