import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Malformed } from '../../src/wire/malformed.ts'
import { decodeUtf8, parseStrict, parseStrictObject } from '../../src/wire/strictJson.ts'

const refuses = (text: string, what: RegExp, options = {}) =>
  assert.throws(
    () => parseStrict(text, 'request', options),
    (error: Malformed) => error instanceof Malformed && error.path === 'request' && what.test(error.what),
    text.slice(0, 80),
  )

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

describe('strict JSON', () => {
  it('reads what JSON.parse reads, however it is written', () => {
    const strict = fc.jsonValue({ maxDepth: 5 }).filter(value => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)))
    fc.assert(
      fc.property(strict, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        assert.deepEqual(parseStrict(text, 'text'), JSON.parse(text))
      }),
    )
  })

  it('refuses what JSON.parse refuses, and never breaks otherwise', () => {
    const almostJson = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', ' ', 'a', '1', '-', 'e', 'u', 'null', '"a"'),
    })
    fc.assert(
      fc.property(almostJson, text => {
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          return refuses(text, /./)
        }
        try {
          assert.deepEqual(parseStrict(text, 'request'), expected)
        } catch (error) {
          assert.ok(error instanceof Malformed)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('finds a member named twice wherever it hides', () => {
    const holder = fc.constantFrom(
      (object: string) => object,
      (object: string) => `[1,${object}]`,
      (object: string) => `{"outer":${object}}`,
      (object: string) => `{"text":"a \\"quoted\\": \\\\","b":[{"c":${object}}]}`,
    )
    const safeName = fc.string().filter(name => !['__proto__', 'constructor', 'prototype'].includes(name) && name.isWellFormed())
    fc.assert(
      fc.property(safeName, holder, (name, hold) => {
        refuses(hold(`{${JSON.stringify(name)} : 1, ${JSON.stringify(name)}\n: 2}`), /two members of the same name/)
      }),
    )
  })

  it('sees through escapes in names', () => {
    refuses('{"a":1,"\\u0061":2}', /two members of the same name/)
    refuses('{"\\u005f_proto__":1}', /'__proto__'/)
  })

  it('takes the same name in two objects, and colons and quotes in texts, for what they are', () => {
    const text = '{"a" \n : {"a"\t:":"},"b":[{"a":"\\\\"},{"a":"\\":"}],"c":"\\\\\\":"}'
    assert.deepEqual(parseStrict(text, 'text'), JSON.parse(text))
  })

  it('refuses names that reach a prototype', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) refuses(`{"a":[{"${name}":{}}]}`, new RegExp(`'${name}'`))
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
  })

  it('reads 32 levels and refuses 33, wherever they stand, before it parses them', () => {
    assert.doesNotThrow(() => parseStrict(nested(32), 'text'))
    assert.doesNotThrow(() => parseStrict(`[${Array(40).fill('[{"a":"[[["}]').join(',')}]`, 'text'))
    refuses(nested(33), /deeper than 32/)
    refuses('['.repeat(33), /deeper than 32/)
    refuses('['.repeat(32), /not valid JSON/)
    refuses(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, /deeper than 32/)
  })

  it('refuses more values than it is to hold, before it parses them', () => {
    const count = (value: unknown): number =>
      1 + (typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, each) => sum + count(each), 0) : 0)
    const strict = fc.jsonValue({ maxDepth: 4 }).filter(value => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)))
    fc.assert(
      fc.property(strict, fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        // An empty object or list may be counted for one more than it is.
        const most = count(value) + (text.match(/[[{]/g)?.length ?? 0)
        assert.doesNotThrow(() => parseStrict(text, 'text', { mostValues: most }))
      }),
    )
    refuses(`[${'1,'.repeat(100)}1]`, /more than 50 values/, { mostValues: 50 })
    refuses(`{${'"a":1,'.repeat(100)}`, /more than 50 values/, { mostValues: 50 })
    refuses('[{}'.repeat(100), /more than 50 values/, { mostValues: 50 })
    assert.doesNotThrow(() => parseStrict(`["${'[{,'.repeat(100)}"]`, 'text', { mostValues: 3 }))
  })

  it('refuses numbers without a finite value', () => {
    refuses('[1e999]', /not finite/)
    refuses('{"a":-1e999}', /not finite/)
    refuses('[NaN]', /not valid JSON/)
  })

  it('refuses integers that a double cannot hold, where it is asked to', () => {
    assert.deepEqual(parseStrict('[9007199254740993]', 'text'), [9007199254740992])
    assert.deepEqual(parseStrict('[9007199254740991,0.5,-9007199254740991]', 'text', { safeIntegers: true }), [
      2 ** 53 - 1,
      0.5,
      1 - 2 ** 53,
    ])
    refuses('[9007199254740993]', /too large/, { safeIntegers: true })
    refuses('[-9007199254740992]', /too large/, { safeIntegers: true })
  })

  it('refuses a byte order mark and halves of surrogate pairs', () => {
    refuses('\ufeff{}', /byte order mark/)
    refuses('["\\ud800"]', /not valid Unicode/)
    assert.deepEqual(parseStrict('["\\ud83d\\ude00"]', 'text'), ['😀'])
  })

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc3, 0x22],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
    ]) {
      assert.throws(() => decodeUtf8(Buffer.from(bytes), 'request'), Malformed)
    }
    assert.throws(() => parseStrict(decodeUtf8(Buffer.from('\ufeff{}'), 'request'), 'request'), /byte order mark/)
  })

  it('refuses what is no object where one is needed', () => {
    for (const text of ['[]', 'null', '1', '"{}"']) assert.throws(() => parseStrictObject(text, 'request'), /Must be a JSON object/)
  })
})
