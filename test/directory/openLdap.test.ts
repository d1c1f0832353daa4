import assert from 'node:assert/strict'
import type { Directory } from '../../src/directory/failover.ts'
import { DirectoryFault } from '../../src/directory/fault.ts'
import { lookUp, recognise } from '../../src/directory/people.ts'
import { tryPerson, tryServers } from '../../src/directory/tryOut.ts'
import type { DirectorySettings } from '../../src/rules/directory.ts'
import { baseDn, group, groups, hasOpenLdap, type OpenLdap, openLdap, people, person, readerPassword, trunk } from '../support/openLdap.ts'

const now = new Date('2026-03-01T12:00:00Z')
const password = 'twelve grey geese'

describe('a real OpenLDAP', () => {
  let ldap: OpenLdap
  let other: OpenLdap
  before(async function () {
    if (!hasOpenLdap) return this.skip()
    ldap = await openLdap()
    other = await openLdap()
    for (const each of [ldap, other]) each.change(trunk + person('grace', password) + person('mallory', password))
    const dn = (uid: string) => `uid=${uid},${people}`
    ldap.change(
      person('gone', password, { shadowExpire: '20000' }) +
        person('ambiguous', password) +
        person('guessed', password) +
        group('network team', [dn('grace')]) +
        group('everybody, really', [`cn=network team,${groups}`]) +
        group('circle', [`cn=everybody\\, really,${groups}`, dn('grace')]),
    )
    // It goes in circles: the team is in a group that is in the team.
    ldap.change(`dn: cn=network team,${groups}\nchangetype: modify\nadd: member\nmember: cn=circle,${groups}\n\n`)
  })
  after(async () => {
    await ldap?.close()
    await other?.close()
  })

  const settings = (given: Partial<DirectorySettings> = {}): DirectorySettings => ({
    servers: [{ host: '127.0.0.1', port: ldap.ldaps }],
    security: 'ldaps',
    bindName: `cn=reader,${baseDn}`,
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
  const directory = (given: Partial<DirectorySettings> = {}, more: Partial<Directory> = {}): Directory => ({
    settings: settings(given),
    bindPassword: readerPassword,
    authorities: [ldap.ca, other.ca],
    ...more,
  })
  const reasonOf = async (name: string, word: string, given: Partial<DirectorySettings> = {}) => {
    const found = await recognise(directory(given), name, word, now)
    return 'reason' in found ? found.reason : undefined
  }

  for (const security of ['ldaps', 'starttls', 'none'] as const)
    it(`knows somebody by password, with their groups and those around them, over ${security}`, async () => {
      const servers = [{ host: '127.0.0.1', port: security === 'ldaps' ? ldap.ldaps : ldap.ldap }]
      const found = await recognise(directory({ security, servers }), 'grace', password, now)
      assert.ok('person' in found)
      const { externalId, ...rest } = found.person
      assert.match(externalId, /^[0-9a-f-]{36}$/)
      assert.deepEqual(rest, {
        dn: `uid=grace,${people}`,
        username: 'grace',
        displayName: 'grace of the directory',
        email: 'grace@example.com',
        standing: 'good',
      })
      assert.deepEqual(found.groups.map(({ name }) => name).sort(), ['circle', 'everybody, really', 'network team'])
    })

  it('follows groups in groups only where it is set', async () => {
    const found = await recognise(directory({ nesting: 'none' }), 'grace', password, now)
    assert.ok('groups' in found)
    assert.deepEqual(found.groups.map(({ name }) => name).sort(), ['circle', 'network team'])
  })

  it('lets nobody in with a wrong password, an unknown name, an expired account', async () => {
    assert.match((await reasonOf('grace', 'not this'))!, /the password is wrong/)
    assert.match((await reasonOf('nobody', password))!, /nobody called nobody/)
    assert.match((await reasonOf('gone', password))!, /the account has expired/)
  })

  it('refuses an empty password before anything is asked, though the directory would say yes', async () => {
    const nowhere = directory({ servers: [{ host: '127.0.0.1', port: 1 }] })
    await assert.rejects(async () => recognise(nowhere, 'grace', '', now), /Give a password/)
  })

  it('takes nothing that somebody types for a part of the filter', async () => {
    for (const name of ['*', 'gra*', 'grace)(uid=*', 'x)(|(uid=grace', '\\67race', 'grace\u0000', ')(', 'gräce'])
      assert.match((await reasonOf(name, password)) ?? 'let in', /nobody called/, name)
  })

  it('refuses a name that means two people', async () => {
    const both = '(|(uid={username})(uid=mallory))'
    assert.match((await reasonOf('ambiguous', password, { userFilter: both }))!, /more than one person/)
  })

  it('respects the lock of the directory, whatever password comes after it', async () => {
    for (let i = 0; i < 3; i++) await reasonOf('guessed', `guess ${i}`)
    assert.match((await reasonOf('guessed', password))!, /wrong, or the account is locked/)
  })

  it('reads more groups than a search may give at once, page by page', async () => {
    const member = `uid=mallory,${people}`
    ldap.change(Array.from({ length: 1200 }, (_, i) => group(`team ${i}`, [member])).join(''))
    const found = await lookUp(directory(), 'mallory', now)
    assert.ok('groups' in found)
    assert.equal(found.groups.length, 1200)
  })

  it('believes no certificate but one of the trust store, for the name that is set', async () => {
    const saying = async (given: Directory) => {
      const error = await lookUp(given, 'grace', now).catch((reason: unknown) => reason)
      assert.ok(error instanceof DirectoryFault)
      assert.equal(error.step, 'tls')
      return error.message
    }
    for (const [security, port] of [
      ['ldaps', ldap.ldaps],
      ['starttls', ldap.ldap],
    ] as const) {
      assert.match(await saying(directory({ security, servers: [{ host: '127.0.0.1', port }] }, { authorities: [] })), /trust store/)
      assert.match(await saying(directory({ security, servers: [{ host: 'localhost', port }] })), /is not for localhost/)
    }
  })

  it('goes on with the next server when the first one dies, and comes back to it', async () => {
    const both = directory({ servers: [ldap, other].map(({ ldaps: port }) => ({ host: '127.0.0.1', port })) })
    assert.ok('person' in (await recognise(both, 'grace', password, now)))
    await ldap.stop()
    try {
      assert.ok('person' in (await recognise(both, 'grace', password, now)))
      const trials = await tryServers(both)
      assert.deepEqual(
        trials.map(({ steps }) => steps.find(({ outcome }) => outcome === 'failed')?.step),
        ['tcp', undefined],
      )
    } finally {
      await ldap.start()
    }
  })

  it('says in a trial which step failed and what to do', async () => {
    const failing = async (given: Partial<DirectorySettings>, more: Partial<Directory> = {}) => {
      const [trial] = await tryServers(directory(given, more))
      const failed = trial!.steps.find(({ outcome }) => outcome === 'failed')
      return `${failed?.step}: ${failed?.sentence}`
    }
    assert.equal(await failing({}), 'undefined: undefined')
    assert.match(await failing({ servers: [{ host: 'directory.invalid', port: 636 }] }), /^dns: .*not known here/)
    assert.match(await failing({ servers: [{ host: '127.0.0.1', port: 1 }] }), /^tcp: Nothing listens/)
    assert.match(await failing({ servers: [{ host: '127.0.0.1', port: ldap.ldap }] }), /^tls: /)
    assert.match(await failing({}, { bindPassword: 'not this' }), /^bind: .*does not take the password of cn=reader/)
    assert.match(await failing({ userBase: 'ou=nowhere,dc=example,dc=com' }), /^search: .*nothing at ou=nowhere/)
    assert.match(await failing({ groupBase: 'ou=nowhere,dc=example,dc=com' }), /^groups: .*nothing at ou=nowhere/)
    assert.match(await failing({ bindName: null }), /^search: /)
    const { steps } = await tryPerson(directory(), 'grace', 'not this', now)
    assert.deepEqual(
      steps.map(({ outcome }) => outcome),
      ['passed', 'passed', 'passed', 'passed', 'passed', 'failed', 'skipped'],
    )
  })
})
