import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowedTo } from '../../../appliance/actions/ledger.ts'
import { type Field, fieldsOf } from '../../../tui/fields.ts'
import { hostileNames, isShell, owned } from '../../support/waysOut.ts'
import { keepTable, type Trial } from './trial.ts'

/** Good values, so that what is wrong with a question is the one that is not. */
const samples: Record<string, string> = {
  interface: 'lo',
  method: 'manual',
  addresses: '192.0.2.9/24',
  from: 'courier@192.0.2.1:/x',
  to: 'patches:',
  host: '127.0.0.1',
}

type Attempt = { action: string; field: string; value: string; input: Record<string, string> }

/** Asks the helper as the console does, one question after the other, and gives the word that confirms where one is wanted. */
const asker = `
const { connect } = require('net'), { readFileSync } = require('fs')
const ask = question => new Promise(done => {
  let said = ''
  const line = connect('/run/quartermaster/console.sock', () => line.write(JSON.stringify(question) + '\\n')).setEncoding('utf8')
  line.on('data', piece => { said += piece }).on('close', () => done(said.trim().split('\\n').at(-1)))
})
void (async () => {
  for (const { action, input } of JSON.parse(readFileSync('/run/quartermaster-attempts.json', 'utf8'))) {
    const said = await ask({ action, input })
    const [, word] = /Type \\\\"(.*)\\\\" to confirm/.exec(said) ?? []
    console.log(word === undefined ? said : await ask({ action, input, confirmation: JSON.parse('"' + word + '"') }))
  }
})()
`

/** What is asked at every prompt for a name, with what a shell or a path would make something else of; a row of the table for each prompt. */
export async function prompts({ machine, screens, say }: Trial): Promise<void> {
  const attempts = allowedTo('console', 'stig').flatMap(action => {
    const fields = fieldsOf(action)
    return fields
      .filter(({ kind, secret }) => kind === 'text' && !secret)
      .flatMap(field => {
        const others = fields.filter(each => each !== field && each.required).map(each => [each.name, sampleOf(each)])
        return hostileNames.map(
          (value): Attempt => ({
            ...{ action: action.name, field: field.name, value },
            input: { ...Object.fromEntries(others), [field.name]: value },
          }),
        )
      })
  })
  writeFileSync(join(machine.folder, 'root/attempts.json'), JSON.stringify(attempts))
  machine.must('install', '-m', '644', '/root/attempts.json', '/run/quartermaster-attempts.json')
  const node = '/opt/quartermaster/current/bin/node'
  const asAdmin = ['setpriv', '--reuid=admin', '--regid=admin', '--init-groups', '--', node, '-e', asker]
  const answers = machine
    .must(asAdmin[0]!, ...asAdmin.slice(1))
    .trim()
    .split('\n')
  assert.equal(answers.length, attempts.length)
  const rows = new Map<string, Set<string>>()
  for (const [at, { action, field, value }] of attempts.entries()) {
    const answer = answers[at]!
    assert.ok(!isShell(answer) && !/root:[*!$]/.test(answer), `${action} ${field} ${value}: ${answer}`)
    const name = `\`${action}\`, ${field}`
    rows.set(name, (rows.get(name) ?? new Set()).add(sentenceOf(answer, value)))
  }
  keepTable(
    screens,
    'prompts.md',
    [...rows].map(([name, said]) => [name, [...said].join(' · ')]),
  )
  const skipped = ['/proc', '/sys'].flatMap(path => ['-path', path, '-prune', '-o'])
  assert.equal(machine.run('find', '/', ...skipped, '-name', `${owned.slice(5)}*`, '-print').out.trim(), '')
  say(
    `${attempts.length} names that a path or a shell would make something else of were given at ${rows.size} prompts; none came to anything.`,
  )
}

const sampleOf = ({ name, choices }: Field) => samples[name] ?? choices[0] ?? 'backups:nothing.qmb'

/** What was answered, without the name that it quotes. */
function sentenceOf(answer: string, value: string): string {
  const { refusal, fault, answer: given } = JSON.parse(answer)
  const words: string = refusal?.sentence ?? fault ?? `answered, and taken as it stands: ${JSON.stringify(given)}`
  return words.replaceAll(value, '…').replace(/\s+/g, ' ').slice(0, 160)
}
