import assert from 'node:assert/strict'
import fc from 'fast-check'
import { countOctets, syslogMessage } from '../../src/rules/syslog.ts'

const at = new Date('2026-03-01T10:00:00.123Z')
const alert = (given: object = {}) =>
  JSON.stringify({
    ...{ change: 'raised', id: 7, account: { id: 'u', name: 'Zurich' }, kind: 'synchronization overdue', subject: 'x', severity: 'major' },
    ...{ source: 'Synchronization', message: 'Zürich is overdue.', action: 'Synchronize it.', ...given },
  })
const record = (given: object = {}) => ({
  ...{ at: at.toISOString(), who: 'ada', actor: 'user', source: '192.0.2.7', kind: 'settings changed', message: 'Mail was set.' },
  ...{ outcome: 'done', localAccountId: 0, ...given },
})
const trail = (given: object = {}) => JSON.stringify({ number: 12, record: record(given) })

/** The grammar of RFC 5424, section 6. */
const grammar =
  /^<\d{1,3}>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z [!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} (\[[^ ="\]]{1,32}( [!-<>-Z\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")*\])+ \ufeff[^\p{Cc}\p{Zl}\p{Zp}]*$/u

describe('a message of syslog', () => {
  it('says what an alert says, by how severe it is, and that it was cleared', () => {
    assert.equal(
      syslogMessage({ id: 3, topic: 'alerts', at, content: alert() }, 'licenses.example.com', 'tls').toString(),
      '<115>1 2026-03-01T10:00:00.123Z licenses.example.com quartermaster - alert-raised [meta sequenceId="3"][quartermaster@32473 alert="7" ' +
        'kind="synchronization overdue" subject="x" severity="major" source="Synchronization" account="Zurich"] \ufeffZürich is overdue. Synchronize it.',
    )
    const cleared = syslogMessage({ id: 4, topic: 'alerts', at, content: alert({ change: 'cleared' }) }, 'h', 'tls').toString()
    assert.match(cleared, /^<117>.* alert-cleared .*\ufeffCleared: Zürich is overdue\.$/)
  })

  it('says who did what from where, of the trail, with what was before and after; a refusal is a warning', () => {
    const done = syslogMessage({ id: 1, topic: 'trail', at, content: trail({ before: { a: 1 }, after: { a: 2 } }) }, 'h', 'tcp').toString()
    assert.match(done, /^<109>.* settings-changed .*number="12" .*who="ada" actor="user" source="192\.0\.2\.7"\] /)
    assert.ok(done.endsWith('Mail was set. {"before":{"a":1},"after":{"a":2}}'))
    assert.match(syslogMessage({ id: 1, topic: 'trail', at, content: trail({ outcome: 'refused' }) }, 'h', 'tcp').toString(), /^<108>/)
  })

  it('is of the grammar whatever is in it, and never longer than its transport takes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2500 }),
        fc.string({ unit: 'binary', maxLength: 700 }),
        fc.constantFrom('udp' as const, 'tcp' as const),
        fc.nat(),
        (message, who, transport, id) => {
          const content = trail({ message, who, kind: who.slice(0, 50) })
          const bytes = syslogMessage({ id: id + 1, topic: 'trail', at, content }, who, transport)
          assert.ok(bytes.length <= (transport === 'udp' ? 2048 : 8192))
          const text = bytes.toString('utf8')
          assert.ok(Buffer.from(text).equals(bytes), 'no half of a character')
          assert.match(text, grammar)
          const frame = countOctets(bytes)
          assert.equal(Number.parseInt(frame.toString('latin1'), 10), frame.length - frame.indexOf(' ') - 1)
        },
      ),
      { numRuns: 50 },
    )
  })
})
