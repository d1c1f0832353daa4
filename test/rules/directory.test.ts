import assert from 'node:assert/strict'
import fc from 'fast-check'
import { escapeFilterValue, filterFor, readServers, serverName } from '../../src/rules/directory.ts'
import { accountStanding, bindReason } from '../../src/rules/directoryAccount.ts'
import { checkPattern, isMeant, rolesOfGroups } from '../../src/rules/groupRoles.ts'

const now = new Date('2026-03-01T00:00:00Z')

describe('names within the filter of a directory', () => {
  it('say exactly what was typed, and end or begin nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), text => {
        const escaped = escapeFilterValue(text)
        assert.match(escaped, /^([a-z0-9@._ -]|\\[0-9a-f]{2})*$/i)
        const bytes = escaped.replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
        assert.equal(Buffer.from(bytes, 'latin1').toString('utf8'), Buffer.from(text, 'utf8').toString('utf8'))
      }),
    )
  })

  it('stand wherever the filter has their place, whatever they look like', () => {
    assert.equal(
      filterFor('(|(uid={username})(mail={username}))', '$&{username}*'),
      '(|(uid=\\24\\26\\7busername\\7d\\2a)(mail=\\24\\26\\7busername\\7d\\2a))',
    )
  })
})

describe('the servers of a directory', () => {
  it('are read as they are written', () => {
    assert.deepEqual(readServers('dc1.example.com, DC2.example.com:3269\n[2001:db8::1]:636', 'ldaps').map(serverName), [
      'dc1.example.com:636',
      'dc2.example.com:3269',
      '[2001:db8::1]:636',
    ])
    assert.deepEqual(readServers('10.0.0.1', 'starttls'), [{ host: '10.0.0.1', port: 389 }])
    for (const wrong of ['', 'ldap://dc1', 'dc1:0', 'dc1:99999', 'dc_1/x', Array(9).fill('dc').join(' ')])
      assert.throws(() => readServers(wrong, 'ldaps'), wrong)
  })
})

describe('an account of a directory', () => {
  const filetime = (date: Date) => String((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n)
  for (const [marks, standing] of [
    [{}, 'good'],
    [{ useraccountcontrol: ['512'], accountexpires: ['0'] }, 'good'],
    [{ useraccountcontrol: ['514'] }, 'disabled'],
    [{ accountexpires: ['9223372036854775807'] }, 'good'],
    [{ accountexpires: [filetime(now)] }, 'expired'],
    [{ accountexpires: [filetime(new Date(now.getTime() + 1000))] }, 'good'],
    [{ pwdaccountlockedtime: ['000001010000Z'] }, 'disabled'],
    [{ nsaccountlock: ['TRUE'] }, 'disabled'],
    [{ shadowexpire: ['20513'] }, 'expired'],
    [{ shadowexpire: ['20514'] }, 'good'],
    [{ shadowexpire: ['-1'] }, 'good'],
    [{ accountexpires: ['not a number'], useraccountcontrol: ['0x2'] }, 'good'],
  ] as [Record<string, string[]>, string][])
    it(`is ${standing} with ${JSON.stringify(marks)}`, () => assert.equal(accountStanding(marks, now), standing))

  it('is refused for the reason that Active Directory gives', () => {
    assert.equal(
      bindReason('80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 533, v2580'),
      'the account is disabled',
    )
    assert.match(bindReason('Invalid credentials'), /password is wrong, or/)
  })
})

describe('a rule for groups', () => {
  const team = { name: 'Network Team', dn: 'CN=Network Team,OU=Licensing,DC=example,DC=com' }
  it('means a group by its name, its distinguished name or a part of it, whatever the capitals', () => {
    for (const pattern of ['network team', 'NETWORK*', 'cn=network team, ou=licensing, dc=example, dc=com', '*,ou=licensing,*'])
      assert.ok(isMeant(team, checkPattern(pattern)), pattern)
    for (const pattern of ['network', 'team', 'network.team', 'ou=licensing', '(network team)', 'cn=network team,*,dc=org'])
      assert.ok(!isMeant(team, checkPattern(pattern)), pattern)
  })

  it('means exactly the group that it spells, where it has no star', () => {
    const name = fc.string({ minLength: 1, maxLength: 30 }).filter(text => !text.includes('*') && text.trim() === text && text !== '')
    fc.assert(
      fc.property(name, name, (one, other) => {
        const same = one.toLowerCase().replace(/\s*,\s*/g, ',') === other.toLowerCase().replace(/\s*,\s*/g, ',')
        assert.equal(isMeant({ name: one }, other), same)
        assert.ok(isMeant({ name: one }, one))
      }),
    )
  })

  it('is never one that takes in everybody', () => {
    for (const pattern of ['', ' ', '*', '**', ' * ', 'a*b*c*d*e']) assert.throws(() => checkPattern(pattern))
  })

  it('gives each role once, and none for a group that nobody is in', () => {
    const rule = (id: number, pattern: string, localAccountId: number) =>
      ({ id, origin: 'directory', pattern, assignment: { role: 'smart-account-user', localAccountId } }) as const
    const rules = [rule(1, 'network team', 1), rule(2, 'network*', 1), rule(3, 'other', 2)]
    assert.deepEqual(rolesOfGroups([team], rules), [{ role: 'smart-account-user', localAccountId: 1 }])
    assert.deepEqual(rolesOfGroups([], rules), [])
  })
})
