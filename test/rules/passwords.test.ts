import assert from 'node:assert/strict'
import fc from 'fast-check'
import { changedCharacters, checkPassword, isCommonPassword, standardPasswords } from '../../src/rules/passwords.ts'
import { Refusal } from '../../src/rules/refusal.ts'

const refused = (sentence: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === 'INVALID' && error.field === 'password' && sentence.test(error.message)

describe('passwords', () => {
  it('are as long as the policy says, counted in signs', () => {
    assert.throws(() => checkPassword('tulip crane', 'ada'), refused(/at least 12/))
    assert.equal(checkPassword('tulip cranes', 'ada'), 'tulip cranes')
    assert.throws(() => checkPassword('🌷🌹🌺🌻🌼🌸🌵🌲🌳🌴🍀', 'ada'), refused(/at least 12/))
  })

  it('are at most as long as anybody can want, because every byte is work', () => {
    assert.throws(() => checkPassword('tulip crane '.repeat(22), 'ada'), refused(/at most 256/))
  })

  it('do not hold the user name', () => {
    assert.throws(() => checkPassword('xx SOFIA garden gate', 'sofia'), refused(/user name/))
    assert.equal(checkPassword('a jolly garden gate', 'al'), 'a jolly garden gate', 'a name of two letters is in every other word')
  })

  for (const common of [
    'Password1234!',
    'P@ssw0rd!!!!!',
    'qwertyuiop123',
    'aaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '123456789012',
    'abcdefghijklmn',
    'Administrator1',
    'welcome2026!!!',
  ]) {
    it(`are not "${common}", which is tried first`, () => assert.throws(() => checkPassword(common, 'ada'), refused(/less common/)))
  }

  it('differ from the one before', () => {
    assert.throws(() => checkPassword('a cart of paper crane1', 'ada', 'a cart of paper cranes'), refused(/Change at least 4/))
    assert.equal(checkPassword('seven green bottles', 'ada', 'a cart of paper cranes'), 'seven green bottles')
  })

  it('mix classes where a policy asks for them', () => {
    const strict = { minimumLength: 15, minimumClasses: 4, minimumChanged: 8 }
    assert.throws(() => checkPassword('a cart of paper cranes', 'ada', undefined, strict), refused(/Mix at least 4/))
    assert.equal(checkPassword('A cart of 7 paper cranes', 'ada', undefined, strict), 'A cart of 7 paper cranes')
  })

  it('are given back as they were typed, or refused: never changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ maxLength: 20 }), (password, username) => {
        try {
          assert.equal(checkPassword(password, username), password)
          assert.ok([...password].length >= standardPasswords.minimumLength)
          assert.ok(!isCommonPassword(password))
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error))
        }
      }),
    )
  })

  it('count no change between a text and itself in another order, and every sign of a wholly other one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), text => {
        assert.equal(changedCharacters(text, [...text].reverse().join('')), 0)
        assert.equal(changedCharacters('', text), [...text].length)
      }),
    )
  })

  it('of one short piece over and over are always common', () => {
    const piece = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(...'abcxyz01!') })
    fc.assert(fc.property(piece, fc.integer({ min: 4, max: 20 }), (text, times) => assert.ok(isCommonPassword(text.repeat(times)))))
  })
})
