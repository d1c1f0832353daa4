import assert from 'node:assert/strict'
import { confirmPeople } from '../../src/administration/directory/confirmPeople.ts'
import { trustAuthorities } from '../../src/administration/network/trustAuthorities.ts'
import { hour, minute } from '../../src/rules/clock.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { baseDn, group, groups, hasOpenLdap, type OpenLdap, openLdap, people, person, readerPassword, trunk } from '../support/openLdap.ts'
import { openSite, type Site } from '../support/site.ts'

const { admin } = paths
const password = 'twelve grey geese'

describe('people of a directory', () => {
  let ldap: OpenLdap
  let site: Site
  let ada: HttpVisitor
  before(async function () {
    if (!hasOpenLdap) return this.skip()
    ldap = await openLdap()
    site = await openSite({ start: new Date() })
    ada = await site.signedIn('Ada')
    const names = ['grace', 'linus', 'margaret', 'ada']
    ldap.change(trunk + names.map(name => person(name, password)).join(''))
    ldap.change(group('network team', [`uid=grace,${people}`, `uid=margaret,${people}`]))
    await trustAuthorities(site.context, administrator, ldap.ca)
  })
  after(async () => {
    await ldap?.close()
    await site?.close()
  })

  const form = (given: object = {}) => ({
    servers: `127.0.0.1:${ldap.ldaps}`,
    security: 'ldaps',
    bindName: `cn=reader,${baseDn}`,
    password: '',
    userBase: people,
    userFilter: '(&(objectClass=inetOrgPerson)(|(uid={username})(mail={username})))',
    usernameAttribute: 'uid',
    nameAttribute: 'cn',
    emailAttribute: 'mail',
    groupBase: groups,
    groupFilter: '(objectClass=groupOfNames)',
    memberAttribute: 'member',
    nesting: 'recursive',
    ...given,
  })
  const signIn = async (name: string, word = password) => {
    const visitor = site.visitor()
    return { visitor, answer: await visitor.signIn(name, word) }
  }
  const member = (change: 'add' | 'delete', name: string) =>
    ldap.change(`dn: cn=network team,${groups}\nchangetype: modify\n${change}: member\nmember: uid=${name},${people}\n\n`)

  const licenses = () => paths.licensing.licenses(site.home.account.uuid)

  it('are looked up once an administrator has said how, and a trial says whether it works', async () => {
    assert.equal((await signIn('grace')).answer.status, 422)
    assert.equal((await ada.submit(admin.directory, admin.directory, form({ password: readerPassword }))).status, 303)
    const page = (await ada.get(admin.directory)).text
    assert.ok(page.includes(`127.0.0.1:${ldap.ldaps}`) && !page.includes(readerPassword))
    const trial = await ada.submit(admin.directory, admin.directoryTest, {})
    assert.match(trial.text, /There is something at ou=people/)
    assert.doesNotMatch(trial.text, /Failed/)
    const user = await ada.submit(admin.directory, admin.personTest, { testUsername: 'grace', testPassword: password })
    assert.match(user.text, /grace is in network team/)
    assert.match(user.text, /No group gives a role here/)
    assert.ok(!user.text.includes(password))
  })

  it('keep the password of the bind account from other servers, and say at each field what is wrong', async () => {
    assert.equal((await ada.submit(admin.directory, admin.directory, form({ userBase: people }))).status, 303)
    const elsewhere = await ada.submit(admin.directory, admin.directory, form({ servers: 'elsewhere.example.com' }))
    assert.match(elsewhere.text, /Give the password of cn=reader/)
    for (const [given, sentence] of [
      [{ servers: '' }, /Name 1 to 8 servers/],
      [{ servers: 'ldaps://x' }, /is no server/],
      [{ userFilter: '(uid=x)' }, /must have \{username\}/],
      [{ userFilter: '(uid={username}' }, /This is no filter/],
      [{ groupFilter: 'anything' }, /This is no filter/],
      [{ usernameAttribute: 'u)(id' }, /Give the name of an attribute/],
    ] as const) {
      const answer = await ada.submit(admin.directory, admin.directory, form(given))
      assert.equal(answer.status, 422)
      assert.match(answer.text, sentence)
    }
  })

  it('are let in by a group that gives a role, and have that role', async () => {
    assert.match((await signIn('grace')).answer.text, /no role is given to you/)
    const rule = { pattern: 'NETWORK *', role: 'smart-account-user', account: site.home.account.name }
    assert.equal((await ada.submit(admin.groupRoles, admin.groupRoles, rule)).status, 303)
    assert.match((await ada.submit(admin.groupRoles, admin.groupRoles, rule)).text, /There is this rule already/)
    assert.match((await ada.submit(admin.groupRoles, admin.groupRoles, { ...rule, pattern: '*' })).text, /would be every group/)
    const { visitor, answer } = await signIn('grace@example.com')
    assert.equal(answer.status, 303)
    assert.equal((await visitor.get(licenses())).status, 200)
    assert.equal((await visitor.get(admin.home)).status, 404)
    const row = (await ada.get(admin.user('grace'))).text
    assert.match(row, /The directory/)
    assert.match(row, /Smart Account user/)
    assert.match((await signIn('linus')).answer.text, /no role is given to you/)
    assert.equal((await ada.get(admin.user('linus'))).status, 404)
  })

  it('come after local users, who are asked first and alone', async () => {
    assert.equal((await signIn('ada')).answer.status, 422, 'the directory has an ada with this password')
  })

  it('have no password here to reset or to change', async () => {
    assert.ok(!(await ada.get(admin.user('grace'))).text.includes('Reset password'))
    const answer = await ada.submit(admin.users, admin.passwordReset('grace'), {})
    assert.match(answer.text, /is not kept here/)
    const { visitor } = await signIn('grace')
    const next = 'seven green bottles standing'
    assert.match(
      (await visitor.submit('/password', '/password', { former: password, password: next, repeated: next })).text,
      /not kept here/,
    )
  })

  it('are locked here after three failures, by whatever name of theirs', async () => {
    for (const name of ['margaret', 'margaret@example.com', 'MARGARET']) await signIn(name, 'a guess')
    assert.equal((await ada.get(admin.user('margaret'))).status, 404, 'nobody is added by a guess')
    for (let i = 0; i < 3; i++) await signIn('grace@example.com', 'a guess')
    assert.equal((await signIn('grace')).answer.status, 422)
    site.clock.advance(16 * minute)
    ldap.change(`dn: uid=grace,${people}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${password}\n\n`)
    assert.equal((await signIn('grace')).answer.status, 303)
  })

  it('lose their rights with the group, within ten minutes while they are signed in', async () => {
    const { visitor } = await signIn('grace')
    member('delete', 'grace')
    await confirmPeople(site.context)
    assert.equal((await visitor.get(licenses())).status, 200, 'they were asked about a moment ago')
    site.clock.advance(10 * minute)
    ada = await site.signedIn('Ada')
    await confirmPeople(site.context)
    assert.equal((await visitor.get('/sign-in')).status, 200)
    assert.match((await signIn('grace')).answer.text, /no role is given to you/)
    member('add', 'grace')
    assert.equal((await signIn('grace')).answer.status, 303)
  })

  it('go on for an hour while the directory does not answer, and no longer; local users sign in as ever', async () => {
    const { visitor } = await signIn('grace')
    await ldap.stop()
    try {
      for (let passed = 0; passed < hour - 5 * minute; passed += 5 * minute) {
        site.clock.advance(5 * minute)
        assert.equal((await visitor.get(licenses())).status, 200)
      }
      await confirmPeople(site.context)
      assert.match((await signIn('grace')).answer.text, /The directory does not answer at this moment/)
      site.clock.advance(5 * minute)
      assert.equal((await visitor.get('/sign-in')).status, 200)
      ada = await site.signedIn('Ada')
      assert.equal((await ada.get(admin.home)).status, 200)
    } finally {
      await ldap.start()
    }
  })

  it('do not inherit what somebody before them of the same name was given', async () => {
    assert.equal((await signIn('grace')).answer.status, 303)
    const { db } = site.context.storage
    await db.raw("insert into role_assignments (user_id, role) select id, 'system-operator' from users where username = 'grace'")
    ldap.change(`dn: uid=grace,${people}\nchangetype: delete\n\n`)
    ldap.change(person('grace', password))
    assert.equal((await signIn('grace')).answer.status, 303)
    const { rows } = await db.raw("select role from role_assignments r join users u on u.id = r.user_id where username = 'grace'")
    assert.deepEqual(rows, [{ role: 'smart-account-user' }])
  })

  it('are sent away when there is no directory any more', async () => {
    const { visitor } = await signIn('grace')
    assert.match((await ada.get(admin.directoryRemoval)).text, /Go without a directory\?/)
    assert.equal((await ada.submit(admin.directory, admin.directoryRemoval, {})).status, 303)
    assert.equal((await visitor.get('/sign-in')).status, 200)
    assert.equal((await signIn('grace')).answer.status, 422)
  })

  it('leave no password in the log', () => {
    const log = site.context.logged.join('\n')
    assert.ok(!log.includes(password) && !log.includes(readerPassword))
  })
})
