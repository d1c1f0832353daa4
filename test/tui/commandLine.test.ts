import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ledger } from '../../appliance/actions/ledger.ts'
import { completed, completionsOf, parseLine, wordsOf } from '../../tui/commandLine.ts'

const nobody = async () => []
const parse = (line: string) => parseLine(line, ledger)
const sentence = (line: string) => {
  const parsed = parse(line)
  return parsed.kind === 'wrong' ? parsed.sentence : parsed.kind
}
const given = (line: string) => {
  const parsed = parse(line)
  assert.equal(parsed.kind, 'deed', JSON.stringify(parsed))
  return parsed.kind === 'deed' ? { name: parsed.action.name, ...parsed.given } : undefined
}
const complete = async (line: string, namesOf: (kind: string) => Promise<string[]> = nobody) => {
  const { typed, ways } = await completionsOf(line, ledger, namesOf)
  return { line: completed(line, typed, ways), ways: ways.map(({ word }) => word) }
}

describe('the command line', () => {
  it('takes the commands of the ledger, of one word and of two', () => {
    assert.deepEqual(given('status'), { name: 'status' })
    assert.deepEqual(given('  backup   list '), { name: 'backup list' })
    assert.deepEqual(given('logs server --since "2 hours ago" --grep=sign-in --follow'), {
      name: 'logs',
      service: 'server',
      since: '2 hours ago',
      grep: 'sign-in',
      follow: true,
    })
  })

  it('says what is meant, and what may follow', () => {
    assert.match(sentence('statsu'), /Is "status" meant\?/)
    assert.match(sentence('certificate'), /Say one of: certificate show, /)
    assert.match(sentence('dir backups: here'), /does not know what to do with "here"/)
    assert.match(sentence('logs --sinze today'), /does not know --sinze/)
    assert.match(sentence('logs --since'), /Say what --since is to be/)
    assert.match(sentence('backup verify "backups:a'), /not closed/)
  })

  it('lets nobody type a secret, where it would be seen and remembered', () => {
    assert.match(sentence('database_backup --passphrase hunter2'), /never typed in a command/)
    assert.match(sentence('copy a@b:/c patches: --password=hunter2'), /never typed in a command/)
  })

  it('knows no shell: its signs are signs like others', () => {
    for (const line of ['!sh', ':!sh', '; sh', '$(id)', '`id`', '| sh', '> /etc/passwd', '\\sh', '/bin/sh', 'sh'])
      assert.match(sentence(line), /There is no command/, line)
    assert.match(sentence('status; sh'), /There is no command/)
    assert.match(sentence('status && sh'), /does not know what to do with "&&"/)
    assert.match(sentence('status --help | sh'), /does not know --help/)
    assert.deepEqual(given('logs --grep $(id)'), { name: 'logs', grep: '$(id)' })
    assert.match(sentence(`status ${'x'.repeat(100_000)}`), /too long/)
    assert.match(sentence('constructor'), /There is no command/)
    assert.match(sentence('logs --constructor x'), /does not know --constructor/)
  })

  it('reads every line to an end, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), line => void parse(line)),
      { numRuns: 30 },
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom('"', "'", ' ', 'a', '--', '=', 'logs')), parts => void parse(parts.join(''))),
      { numRuns: 30 },
    )
  })

  it('cuts at spaces, and holds together what is quoted', () => {
    assert.deepEqual(wordsOf(`a "b c" 'd "e' f"g h"i ""`).words, ['a', 'b c', 'd "e', 'fg hi', ''])
  })

  it('completes commands, arguments and values', async () => {
    assert.equal((await complete('stat')).line, 'status ')
    assert.deepEqual((await complete('backup ')).ways, ['list', 'verify', 'schedule'])
    assert.equal((await complete('backup v')).line, 'backup verify ')
    assert.equal((await complete('dir pa')).line, 'dir patches:')
    assert.equal((await complete('logs --fo')).line, 'logs --follow ')
    assert.deepEqual((await complete('restart d')).ways, ['database'])
    assert.deepEqual((await complete('nothing such')).ways, [])
  })

  it('completes names of files from what is there', async () => {
    const names = async (kind: string) => (kind === 'backups:' ? ['backups:a-1.qmb', 'backups:a-2.qmb'] : [])
    assert.equal((await complete('backup verify ', names)).line, 'backup verify backups:a-')
    assert.deepEqual((await complete('delete ', names)).ways, ['backups:', 'patches:'])
    assert.equal((await complete('delete backups:a-1', names)).line, 'delete backups:a-1.qmb ')
  })
})
