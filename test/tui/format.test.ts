import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../appliance/actions/action.ts'
import { formatAnswer, textOf, wrapped } from '../../tui/format.ts'
import { inAscii, plain, plainJson } from '../../tui/plain.ts'

const lines = (answer: Json, width = 60) => formatAnswer(answer, width).map(textOf)

describe('answers on the screen', () => {
  it('draw names and values, and lists as tables', () => {
    assert.deepEqual(lines({ host: 'qm1', freeBytes: 12_345_678, upSince: '2026-11-24T10:00:00.000Z', appliance: true }), [
      'Host       qm1',
      'Free       12.3 MB',
      'Up since   2026-11-24 10:00:00 UTC',
      'Appliance  yes',
    ])
    assert.deepEqual(
      lines({
        files: [
          { name: 'a', bytes: 1 },
          { name: 'long', bytes: 2000 },
        ],
      }),
      ['Name    Size', 'a        1 B', 'long  2.0 kB'],
    )
    assert.deepEqual(lines({ files: [] }), ['None.'])
    assert.deepEqual(lines(null), ['Done.'])
  })

  it('have nothing but ASCII for a terminal that has no more, and as many signs', () => {
    assert.equal(inAscii('Zürich – “déjà” … 日'), 'Zurich - "deja" . ?')
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => /^[\x20-\x7e\n]*$/.test(inAscii(text))))
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), text => inAscii(text) === text))
  })

  it('draw a table that has no room as a list of its rows', () => {
    const row = { name: 'a'.repeat(30), state: 'active', sentence: 'what there is to say about it' }
    assert.deepEqual(lines([row], 40), [`Name      ${row.name}`, 'State     active', 'Sentence  what there is to say about it'])
  })

  it('write times of a table to the minute where the seconds have no room', () => {
    const rows = [{ service: 'server', state: 'running', since: '2026-11-24T16:00:05.000Z', bytes: 1000 }]
    assert.deepEqual(lines(rows, 60), [
      'Service  State    Since                      Size',
      'server   running  2026-11-24 16:00:05 UTC  1.0 kB',
    ])
    assert.deepEqual(lines(rows, 45), ['Service  State    Since (UTC)         Size', 'server   running  2026-11-24 16:00  1.0 kB'])
    assert.equal(lines(rows, 40).length, 4)
  })

  it('are never wider than there is room, and never more than one line a line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 60, max: 120 }), (value, width) => {
        for (const line of lines(value as Json, width)) assert.ok(!/\n/.test(line))
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const pieces = wrapped(text, width)
        assert.ok(pieces.every(piece => piece.length <= width))
        assert.equal(pieces.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
      }),
    )
  })

  it('carry nothing that a terminal would obey, from whatever log or file name they come', () => {
    const hostile = [
      '\x1b]0;owned\x07title',
      '\x1b[2J\x1b[Hcleared',
      '\x1bP+q544e\x1b\\dcs',
      '\x9b31mred',
      '\x1b]52;c;Zm9v\x07clip',
      'a\rb',
      'a\bb',
      '\u202egnp.exe',
      '\x1b[6n',
      '\x1bc',
    ]
    for (const text of hostile) {
      const drawn = lines({ name: text, files: [{ name: text }], lines: [text] }).join('\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(drawn), JSON.stringify(drawn))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      assert.ok(!/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(plainJson({ text })), JSON.stringify(text))
    }
    assert.equal(plain('\x1b[1;31mred\x1b[0m and \x1b]8;;http://x\x07link\x1b]8;;\x07'), 'red and link')
  })
})
