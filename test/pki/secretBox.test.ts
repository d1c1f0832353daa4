import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { makeSecretBox } from '../../src/pki/secretBox.ts'

const makeKey = () => createSecretKey(randomBytes(32))

describe('the secret box', () => {
  const key = makeKey()
  const box = makeSecretBox(key)

  it('gives back what was sealed, text or bytes, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plain, purpose) =>
        assert.deepEqual(box.open(box.seal(plain, purpose), purpose), Buffer.from(plain)),
      ),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), plain => assert.equal(box.open(box.seal(plain, 'p'), 'p').toString('utf8'), plain)),
    )
  })

  it('shows nothing of what it holds, and never the same twice', () => {
    const [first, second] = [box.seal('the bind password', 'LDAP'), box.seal('the bind password', 'LDAP')]
    assert.ok(!first.includes('password'))
    assert.notDeepEqual(first, second)
  })

  it('opens nothing that was changed, in whatever place', () => {
    const sealed = box.seal('a token secret', 'registration token')
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Buffer.from(sealed)
        changed[place]! ^= change
        assert.throws(() => box.open(changed, 'registration token'))
      }),
    )
  })

  it('opens nothing that was cut short or made longer', () => {
    const sealed = box.seal('a token secret', 'registration token')
    for (let length = 0; length < sealed.length; length++) assert.throws(() => box.open(sealed.subarray(0, length), 'registration token'))
    assert.throws(() => box.open(Buffer.concat([sealed, Buffer.of(0)]), 'registration token'))
  })

  it('opens for the purpose it was sealed for and no other', () => {
    assert.throws(() => box.open(box.seal('secret', 'bind password'), 'API secret'))
  })

  it('opens nothing of another server', () => {
    assert.throws(() => makeSecretBox(makeKey()).open(box.seal('secret', 'p'), 'p'), /not sealed under the server key at hand/)
  })

  it('opens what a former key sealed, says that it is outdated, and seals with the present key', () => {
    const rotated = makeSecretBox(makeKey(), [key])
    const old = box.seal('secret', 'p')
    assert.equal(rotated.open(old, 'p').toString(), 'secret')
    assert.equal(rotated.isOutdated(old), true)
    const renewed = rotated.seal(rotated.open(old, 'p'), 'p')
    assert.equal(rotated.isOutdated(renewed), false)
    assert.throws(() => box.open(renewed, 'p'))
  })

  it('makes the same fingerprint of the same text only for the same purpose and key', () => {
    const fingerprint = box.keyedHash('text', 'registration token')
    assert.equal(fingerprint.length, 32)
    assert.deepEqual(box.keyedHash('text', 'registration token'), fingerprint)
    assert.deepEqual(makeSecretBox(key).keyedHash('text', 'registration token'), fingerprint)
    for (const other of [
      box.keyedHash('text', 'session'),
      box.keyedHash('texts', 'registration token'),
      makeSecretBox(makeKey()).keyedHash('text', 'registration token'),
    ]) {
      assert.notDeepEqual(other, fingerprint)
    }
  })
})
