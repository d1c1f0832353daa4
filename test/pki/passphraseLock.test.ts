import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { lockKey, passphraseLock, unlockKey } from '../../src/pki/passphraseLock.ts'

describe('a key behind a passphrase', () => {
  const key = randomBytes(32)

  it('comes back to whoever knows it, locked by approved algorithms alone', async () => {
    const lock = await lockKey(key, 'correct horse battery', { fips: true })
    assert.equal(lock.kdf, 'pbkdf2-sha256')
    assert.deepEqual(await unlockKey(passphraseLock.parse(JSON.parse(JSON.stringify(lock))), 'correct horse battery'), key)
    await assert.rejects(unlockKey(lock, 'correct horse batterY'), { code: 'INVALID', field: 'passphrase' })
    for (const iterations of [1000, 100_000_000]) assert.equal(passphraseLock.safeParse({ ...lock, iterations }).success, false)
  })

  it('comes back to whoever knows it, whichever keyboard wrote its accents', async () => {
    const lock = await lockKey(key, 'Za\u0308hlwerk im Keller')
    assert.deepEqual(await unlockKey(lock, 'Z\u00e4hlwerk im Keller'), key)
  })

  it('stays with whoever does not, and with a lock that was changed', async () => {
    const lock = await lockKey(key, 'correct horse battery')
    const wrong = { code: 'INVALID', field: 'passphrase' }
    await assert.rejects(unlockKey(lock, 'correct horse batterY'), wrong)
    await assert.rejects(unlockKey(lock, ''), wrong)
    assert.ok(lock.kdf === 'argon2id')
    await assert.rejects(unlockKey({ ...lock, passes: lock.passes + 1 }, 'correct horse battery'), wrong)
  })

  it('is locked differently each time', async () => {
    const [one, other] = [await lockKey(key, 'correct horse battery'), await lockKey(key, 'correct horse battery')]
    assert.notEqual(one.salt, other.salt)
    assert.notEqual(one.key, other.key)
  })

  it('does not let a file ask for all of the memory', async () => {
    const lock = await lockKey(key, 'correct horse battery')
    assert.equal(passphraseLock.safeParse(lock).success, true)
    for (const change of [{ memory: 64 * 1024 * 1024 }, { passes: 1000 }, { lanes: 1000 }, { salt: '' }, { key: 'AAAA' }])
      assert.equal(passphraseLock.safeParse({ ...lock, ...change }).success, false)
  })
})
