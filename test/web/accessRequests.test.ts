import assert from 'node:assert/strict'
import { addUser } from '../../src/administration/addUser.ts'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

const { licensing } = paths

describe('a request for access', () => {
  let site: Site
  let sofia: HttpVisitor
  let nora: HttpVisitor
  let uuid: string
  before(async () => {
    site = await openSite()
    uuid = site.home.account.uuid
    const mail = {
      host: 'localhost',
      port: 25,
      security: 'none',
      user: null,
      from: 'licenses@example.com',
      recipients: [],
      ca: null,
    } as const
    await changeMailSettings(site.context, administrator, { settings: { ...mail, recipients: [] } })
    sofia = await site.signedIn('Sofia')
    nora = await site.signedIn('Nora')
    await site.context.storage.db('users').where({ username: 'sofia' }).update({ email: 'sofia@example.com' })
    await site.context.storage.db('users').where({ username: 'nora' }).update({ email: 'nora@example.com' })
  })
  after(() => site.close())

  const wish = (given: Record<string, string> = {}) => ({
    account: 'laboratory',
    role: 'virtual-account-user',
    localVirtualAccount: site.home.place.name,
    message: 'For the night shift',
    ...given,
  })
  const ask = (given: Record<string, string> = {}, who = nora) => who.submit(paths.newAccessRequest, paths.accessRequests, wish(given))
  const waiting = async (): Promise<string> =>
    String((await site.context.storage.db('access_requests').whereNull('decision').first('id'))?.id)
  const mailsTo = async (address: string) =>
    (await site.context.storage.db('mails').whereRaw('? = any(recipients)', [address]).orderBy('id')).map(({ subject }) => subject)

  it('is refused, with a sentence at its field, for an account that is not there and a role without its place', async () => {
    for (const [given, field] of [
      [{ account: 'Nowhere' }, 'account'],
      [{ account: ' ' }, 'account'],
      [{ role: 'system-administrator' }, 'role'],
      [{ localVirtualAccount: '' }, 'localVirtualAccount'],
    ] as const) {
      const answer = await ask(given)
      assert.equal(answer.status, 422)
      assert.match(answer.text, new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    }
    assert.equal(await waiting(), 'undefined')
  })

  it('tells the administrators of the account by an alert and by mail, and waits, once', async () => {
    assert.match((await nora.get(paths.home)).text, new RegExp(paths.newAccessRequest))
    assert.equal((await ask()).status, 303)
    assert.match((await ask()).text, /You have asked for access to Laboratory already/)
    assert.match((await sofia.get(licensing.alerts(uuid))).text, /Nora asks to be Virtual Account user in Default[\s\S]*Decide/)
    assert.deepEqual(await mailsTo('sofia@example.com'), ['Laboratory: access requested'])
    assert.match((await sofia.get(licensing.accessRequests(uuid))).text, /Nora[\s\S]*For the night shift/)
    assert.match((await nora.get(paths.accountRequests)).text, /Laboratory[\s\S]*Waits for an administrator/)
    assert.equal((await nora.get(licensing.licenses(uuid))).status, 404, 'asking gives nothing')
  })

  it('is shown to nobody but the administrators of its account, and decided by nobody else', async () => {
    const id = await waiting()
    const sam = await site.signedIn('Sam')
    assert.equal((await sam.get(licensing.accessRequests(uuid))).status, 403)
    assert.equal((await sam.submit('/password', licensing.accessApproval(uuid, id), { role: 'smart-account-user' })).status, 403)
    assert.equal((await nora.submit('/password', licensing.accessApproval(uuid, id), { role: 'smart-account-user' })).status, 404)
    assert.equal(await waiting(), id)
  })

  it('is refused with a reason, which whoever asked reads here and in a mail', async () => {
    const id = await waiting()
    const page = licensing.accessRefusal(uuid, id)
    assert.match((await sofia.submit(page, page, { reason: ' ' })).text, /Say why: whoever asked for access reads it/)
    assert.equal((await sofia.submit(page, page, { reason: 'The night shift has its own account.' })).status, 303)
    assert.match((await nora.get(paths.accountRequests)).text, /Refused[\s\S]*The night shift has its own account\./)
    assert.deepEqual(await mailsTo('nora@example.com'), ['Laboratory: access refused'])
    assert.match((await sofia.get(licensing.alerts(uuid))).text, /No open alert/)
    assert.equal((await sofia.get(page)).status, 404, 'what is decided is decided once')
  })

  it('is taken back by whoever asked, and by nobody else', async () => {
    await ask()
    const form = { account: uuid, request: await waiting() }
    await sofia.submit('/password', paths.accessWithdrawal, form)
    assert.equal(await waiting(), form.request)
    assert.equal((await nora.submit(paths.accountRequests, paths.accessWithdrawal, form)).status, 303)
    assert.equal(await waiting(), 'undefined')
    assert.match((await nora.get(paths.accountRequests)).text, /Taken back/)
  })

  it('is approved with the role that was asked for or another, which counts from the next sign-in on', async () => {
    await ask({ role: 'smart-account-administrator' })
    const page = licensing.accessApproval(uuid, await waiting())
    assert.match((await sofia.get(page)).text, /value="smart-account-administrator" selected/)
    const place = String(site.home.place.id)
    const unfitting = await sofia.submit(page, page, { role: 'virtual-account-user', localVirtualAccount: '' })
    assert.match(unfitting.text, /Choose the Local Virtual Account that this role is for/)
    assert.equal((await sofia.submit(page, page, { role: 'virtual-account-user', localVirtualAccount: place })).status, 303)
    nora = await site.signedIn('Nora')
    assert.equal((await nora.get(licensing.licenses(uuid))).status, 200)
    assert.equal((await nora.get(licensing.account(uuid))).status, 403, 'less was given than was asked for')
    assert.deepEqual((await mailsTo('nora@example.com')).at(-1), 'Laboratory: access approved')
    assert.match((await sofia.get(licensing.events(uuid))).text, /nora is Virtual Account user in Default/)
    assert.match((await sofia.get(`${licensing.accessRequests(uuid)}?state=decided`)).text, /Approved[\s\S]*Refused/)
  })

  it('stops where nobody looks any more: ten of one person may wait', async () => {
    const { db } = site.context.storage
    const user = { username: 'keen', displayName: '', password: castPassword, mustChangePassword: false, assignments: [] }
    const keen = await addUser(site.context, administrator, user)
    await db.raw(
      `with more as (insert into local_accounts (uuid, name, state, smart_account_name, virtual_account_name, requested_by, requested_at)
         select gen_random_uuid(), 'Site ' || n, 'registered', 'S', 'V', 'x', now() from generate_series(1, 10) n returning id)
       insert into access_requests (local_account_id, user_id, role, requested_at) select id, ?, 'smart-account-user', now() from more`,
      [keen.id],
    )
    const visitor = site.visitor()
    await visitor.signIn('keen', castPassword)
    assert.match((await ask({}, visitor)).text, /10 of your requests wait already/)
  })
})

describe('a request for an account', () => {
  let site: Site
  before(async () => {
    site = await openSite()
    const mail = { host: 'localhost', port: 25, security: 'none', user: null, from: 'licenses@example.com', ca: null } as const
    await changeMailSettings(site.context, administrator, { settings: { ...mail, recipients: ['team@example.com'] } })
  })
  after(() => site.close())

  it('is an alert and a mail for those who run the server until it is decided, and a mail for whoever asked each time', async () => {
    const [nora, otto] = [await site.signedIn('Nora'), await site.signedIn('Otto')]
    const wish = { name: 'Harbour', smartAccount: 'Example', virtualAccount: 'Harbour', notificationEmail: 'nora@example.com' }
    assert.equal((await nora.submit(paths.newAccountRequest, paths.accountRequests, wish)).status, 303)
    assert.match((await otto.get(paths.admin.home)).text, /nora asked for the Local Account Harbour/)
    const { db } = site.context.storage
    const { uuid } = await db('local_accounts').where({ name: 'Harbour' }).first('uuid')
    const rejection = paths.admin.rejection(uuid)
    assert.equal((await otto.submit(rejection, rejection, { reason: 'It has one already.' })).status, 303)
    assert.doesNotMatch((await otto.get(paths.admin.home)).text, /nora asked for the Local Account Harbour/)
    assert.match((await nora.get(paths.accountRequests)).text, /Rejected[\s\S]*It has one already\./)
    const mails = await db('mails').orderBy('id').select('subject', 'recipients')
    const recipients = ['nora@example.com', 'team@example.com']
    assert.deepEqual(mails, [
      { subject: 'Harbour: account requested', recipients },
      { subject: 'Harbour: account rejected', recipients },
    ])
  })
})
