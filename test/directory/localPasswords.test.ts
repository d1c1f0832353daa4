import assert from 'node:assert/strict'
import { generatePassword, hashPassword, passwordMatches } from '../../src/directory/localPasswords.ts'
import { checkPassword } from '../../src/rules/passwords.ts'

describe('local passwords', () => {
  it('are stored as argon2id with their own salt, and never as they are', async () => {
    const [one, other] = await Promise.all([hashPassword('a cart of paper cranes'), hashPassword('a cart of paper cranes')])
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.notEqual(one, other)
  })

  it('match themselves and nothing else', async () => {
    const stored = await hashPassword('a cart of paper cranes')
    assert.ok(await passwordMatches(stored, 'a cart of paper cranes'))
    assert.ok(!(await passwordMatches(stored, 'a cart of paper crane')))
  })

  it('match nothing where there is no user, after the same work', async () => {
    assert.ok(!(await passwordMatches(undefined, 'a cart of paper cranes')))
  })

  it('wait in a queue that has an end, so that a flood takes neither memory nor the processor', async () => {
    const flood = await Promise.allSettled(Array.from({ length: 100 }, () => hashPassword('a cart of paper cranes')))
    const refused = flood.filter(one => one.status === 'rejected')
    assert.equal(refused.length, 100 - 66, 'two at work and 64 waiting')
    assert.ok(refused.every(one => one.reason.code === 'TOO_MANY'))
  })

  it('that are generated keep the rules and are never the same twice', () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword))
    assert.equal(made.size, 200)
    for (const password of made) {
      assert.match(password, /^(\w{5}-){4}\w{5}$/)
      assert.equal(checkPassword(password, 'admin'), password)
    }
  })
})
