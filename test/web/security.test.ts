import assert from 'node:assert/strict'
import { addUser } from '../../src/administration/addUser.ts'
import { disableUser } from '../../src/administration/disableUser.ts'
import { changeSecurity } from '../../src/administration/security/changeSecurity.ts'
import { disableInactiveUsers } from '../../src/administration/security/disableInactiveUsers.ts'
import { day, hour, later, minute } from '../../src/rules/clock.ts'
import { standardSecurity, stigSecurity } from '../../src/rules/security.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths
const strict = 'Paper-Cranes+of+1983'

describe('the rules of local sign-in', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.close())

  const somebody = async (username: string, password = castPassword) =>
    void (await addUser(site.context, administrator, { username, password, mustChangePassword: false }))
  const change = (visitor: Awaited<ReturnType<Site['signedIn']>>, former: string, password: string) =>
    visitor.submit('/password', '/password', { former, password, repeated: password })

  it('are changed on their page, bounded, and the trail has what was and what is', async () => {
    const ada = await site.signedIn('Ada')
    const values = Object.fromEntries(
      [...(await ada.get(admin.security)).text.matchAll(/<input id="(\w+)" name="\w+" type="text" value="(\d+)"/g)].map(found => [
        found[1]!,
        found[2]!,
      ]),
    )
    assert.equal(Object.keys(values).length, 14)
    const wrong = await ada.submit(admin.security, admin.securitySettings, {
      ...values,
      secondFactor: 'optional',
      failures: '0',
      banner: '',
    })
    assert.equal(wrong.status, 422)
    assert.ok(wrong.text.includes('The failures: give a whole number from 1 to 20.'))
    const shorter = { ...values, secondFactor: 'optional', idleMinutes: '3', banner: '' }
    assert.equal((await ada.submit(admin.security, admin.securitySettings, shorter)).status, 303)
    const { record } = await site.context.storage.db('trail').orderBy('number', 'desc').first()
    const { before, after, who } = JSON.parse(record)
    assert.deepEqual([who, before.idleMinutes, after.idleMinutes], ['ada', 10, 3])
    site.clock.advance(3 * minute)
    assert.equal((await ada.get('/admin')).status, 303, 'the session is over by the new rule')
  })

  it('in their strict values ask for consent, kinds, history and age of a password', async () => {
    const ada = await site.signedIn('Ada')
    await ada.submit(admin.security, admin.strictSecurity, {})
    await somebody('guest', strict)
    const guest = site.visitor()
    const form = { username: 'guest', password: strict, next: '' }
    assert.equal((await guest.submit('/sign-in', '/sign-in', form)).status, 422)
    assert.match((await guest.get('/sign-in')).text, /authorized use only/)
    assert.equal((await guest.submit('/sign-in', '/sign-in', { ...form, consent: 'on' })).status, 303)
    assert.match((await change(guest, strict, 'Another_Herd/of/2007x')).text, /Change it again in 24 hours/)
    site.clock.advance(25 * hour)
    await guest.submit('/sign-in', '/sign-in', { ...form, consent: 'on' })
    assert.match((await change(guest, strict, 'a quiet walk along the quay')).text, /Mix at least 4/)
    assert.equal((await change(guest, strict, 'Another_Herd/of/2007x')).status, 303)
    site.clock.advance(61 * day)
    const again = { ...form, password: 'Another_Herd/of/2007x', consent: 'on' }
    await guest.submit('/sign-in', '/sign-in', again)
    assert.equal((await guest.get('/admin')).headers.location, '/password', 'it is too old')
    assert.match((await change(guest, again.password, strict)).text, /You had this password before/)
  })

  it('disable who was away too long, and never the last System Administrator', async () => {
    await site.hire('Ada')
    await somebody('guest')
    await changeSecurity(site.context, administrator, stigSecurity)
    const { db } = site.context.storage
    await disableInactiveUsers(db, later(site.clock.now(), 34 * day))
    assert.deepEqual(await db('users').whereNotNull('disabled_at').pluck('username'), [])
    await disableInactiveUsers(db, later(site.clock.now(), 36 * day))
    assert.deepEqual(await db('users').whereNotNull('disabled_at').pluck('username'), ['guest'])
  })

  it('say their own numbers to whoever fails', async () => {
    await changeSecurity(site.context, administrator, { ...standardSecurity, lockout: { failures: 5, window: minute, duration: hour } })
    const { text } = await site.visitor().signIn('nobody at all', castPassword)
    assert.match(text, /The user name or the password is not right\. After 5 failures a user is locked for 60 minutes\./)
  })

  it('leave a System Administrator where two disable each other at the same moment', async () => {
    const make = (username: string) =>
      addUser(site.context, administrator, {
        username,
        password: castPassword,
        mustChangePassword: false,
        assignments: [{ role: 'system-administrator' }],
      })
    for (const username of ['castor', 'pollux']) await make(username)
    const disable = (who: string, whom: string) => disableUser(site.context, { ...administrator, name: who }, whom)
    const came = await Promise.allSettled([disable('castor', 'pollux'), disable('pollux', 'castor')])
    assert.deepEqual(came.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.equal((await site.context.storage.db('users').whereNull('disabled_at').pluck('username')).length, 1)
  })

  it('let an administrator see who is signed in, and end one session or all of a user', async () => {
    const ada = await site.signedIn('Ada')
    const [one, two] = [await site.signedIn('Sam'), await site.signedIn('Sam')]
    const page = await ada.get(`${admin.sessions}?user=sam`)
    const ends = [...page.text.matchAll(/action="(\/admin\/sessions\/\d+\/end)"/g)].map(found => found[1]!)
    assert.equal(ends.length, 2)
    await ada.submit(admin.sessions, ends[0]!, {})
    const left = (await Promise.all([one, two].map(sam => sam.get('/password')))).map(({ status }) => status)
    assert.deepEqual(left.sort(), [200, 303])
    await ada.submit(admin.sessions, admin.sessionsEnd('sam'), {})
    assert.deepEqual(
      (await Promise.all([one, two].map(sam => sam.get('/password')))).map(({ status }) => status),
      [303, 303],
    )
    assert.equal((await ada.get('/admin')).status, 200)
  })

  it('let roles be given and taken, but not that of the last System Administrator', async () => {
    const ada = await site.signedIn('Ada')
    await somebody('guest')
    const user = admin.user('guest')
    assert.equal((await ada.submit(user, admin.roles('guest'), { role: 'smart-account-user', account: '' })).status, 422)
    const given = { role: 'smart-account-user', account: 'Laboratory' }
    assert.equal((await ada.submit(user, admin.roles('guest'), given)).status, 303)
    assert.match((await ada.get(user)).text, /Take away: Smart Account user in Laboratory/)
    await ada.submit(user, admin.roleRemoval('guest'), given)
    assert.doesNotMatch((await ada.get(user)).text, /Take away/)
    await ada.submit(admin.user('ada'), admin.roleRemoval('ada'), { role: 'system-administrator' })
    assert.match((await ada.get(admin.user('ada'))).text, /This is the last System Administrator/)
  })
})
