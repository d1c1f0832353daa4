import assert from 'node:assert/strict'
import { type Act, may, type Person, type RoleAssignment } from '../../src/rules/roles.ts'

const person = (...assignments: RoleAssignment[]): Person => ({ kind: 'user', name: 'someone', assignments })

describe('who may do what where', () => {
  const acts: Act[] = [
    'see server',
    'run server',
    'configure server',
    'see account',
    'manage account',
    'see licenses',
    'transfer licenses',
    'remove instances',
    'manage tokens',
  ]

  it('is nothing for nobody, and nothing for somebody without a role', () => {
    for (const act of acts) {
      assert.equal(may(undefined, act, { localAccountId: 1 }), false)
      assert.equal(may(person(), act, { localAccountId: 1 }), false)
    }
  })

  it('is everything for a System Administrator', () => {
    for (const act of acts) assert.equal(may(person({ role: 'system-administrator' }), act, { localAccountId: 1 }), true)
  })

  it('is everything but the server’s configuration for a System Operator', () => {
    const operator = person({ role: 'system-operator' })
    assert.deepEqual(
      acts.filter(act => !may(operator, act, { localAccountId: 1 })),
      ['configure server'],
    )
  })

  it('ends at the borders of the Local Account', () => {
    const administrator = person({ role: 'smart-account-administrator', localAccountId: 1 })
    assert.equal(may(administrator, 'manage account', { localAccountId: 1 }), true)
    assert.equal(may(administrator, 'see account', { localAccountId: 2 }), false)
    assert.equal(may(administrator, 'see server'), false)
  })

  it('is licenses, instances and tokens, but no account changes, for a Smart Account user', () => {
    const user = person({ role: 'smart-account-user', localAccountId: 1 })
    assert.equal(may(user, 'manage tokens', { localAccountId: 1, localVirtualAccountId: 9 }), true)
    assert.equal(may(user, 'manage account', { localAccountId: 1 }), false)
  })

  it('ends at the borders of the Local Virtual Account, whose frame alone is seen', () => {
    const user = person({ role: 'virtual-account-user', localAccountId: 1, localVirtualAccountId: 5 })
    assert.equal(may(user, 'see licenses', { localAccountId: 1, localVirtualAccountId: 5 }), true)
    assert.equal(may(user, 'see licenses', { localAccountId: 1, localVirtualAccountId: 6 }), false)
    assert.equal(may(user, 'see licenses', { localAccountId: 1 }), false)
    assert.equal(may(user, 'see account', { localAccountId: 1 }), true)
  })
})
