import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { allowedTo } from '../../../appliance/actions/ledger.ts'
import { type Field, fieldsOf } from '../../../tui/fields.ts'
import { sshWords } from '../../support/operator.ts'
import { until } from '../../support/until.ts'
import { hostileNames, isShell, owned } from '../../support/waysOut.ts'
import type { Trial } from './trial.ts'

/** Good values, so that what is wrong with a line is the one that is not. */
const samples: Record<string, string> = {
  interface: 'lo',
  method: 'manual',
  addresses: '192.0.2.9/24',
  service: 'server',
  place: 'backups:',
  act: 'on',
  every: 'daily',
  from: 'courier@192.0.2.1:/x',
  to: 'patches:',
  host: '127.0.0.1',
}

/** What is asked at every prompt for a name, with what a shell or a path would make something else of; a row of the table for each prompt. */
export async function prompts(trial: Trial, key: string, note: (attempt: string, got: string) => void): Promise<void> {
  const console = await lineByLine(trial, key)
  let count = 0
  for (const action of allowedTo('console', 'stig')) {
    const fields = fieldsOf(action)
    for (const field of fields.filter(({ kind, secret }) => kind === 'text' && !secret)) {
      const said = new Set<string>()
      for (const value of hostileNames) {
        const others = fields.filter(each => each !== field && each.required && !each.secret)
        const words = [...others, field].map(each => `--${each.name}="${each === field ? value : sampleOf(each)}"`)
        const answer = await console.ask(`${action.name} ${words.join(' ')}`)
        assert.ok(!isShell(answer) && !/root:[*!$]/.test(answer), `${action.name} ${field.name} ${value}: ${answer}`)
        said.add(sentenceOf(answer, value))
        count++
      }
      note(`\`${action.name}\`, ${field.name}`, [...said].map(each => `"${each}"`).join(' · '))
    }
  }
  await console.leave()
  const { out } = trial.machine.run(
    'find',
    '/',
    '-path',
    '/proc',
    '-prune',
    '-o',
    '-path',
    '/sys',
    '-prune',
    '-o',
    '-name',
    `${owned.slice(5)}*`,
    '-print',
  )
  assert.equal(out.trim(), '')
  trial.say(`${count} names were typed at the prompts that a path or a shell would have made something else of.`)
}

const sampleOf = ({ name, choices }: Field) => samples[name] ?? choices[0] ?? 'backups:nothing.qmb'

/** The last sentence of an answer, without the name that it quotes. */
const sentenceOf = (answer: string, value: string) =>
  (answer.trim().split('\n').at(-1) ?? '').replaceAll(value, '…').replace(/\s+/g, ' ').slice(0, 160)

/** The console line by line, over ssh without a terminal: what is asked between is agreed to, so that nothing is refused for want of a word. */
async function lineByLine({ machine }: Trial, key: string) {
  const [program = '', ...words] = machine.wordsBeside('ssh', '-T', ...sshWords({ key }), `admin@${machine.address}`)
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', piece => {
    said += piece
  })
  const isReady = () => /(^|\n)> $/.test(said)
  const questions = /Type (.*) to go on: $|: $/
  const settled = async () => {
    for (;;) {
      await until(() => isReady() || questions.test(said) || child.exitCode !== null, 120_000)
      if (isReady()) return
      assert.equal(child.exitCode, null, said)
      const word = questions.exec(said)?.[1] ?? 'x'
      said += '\n'
      child.stdin.write(`${/Enter agrees/.test(said.split('\n').at(-2) ?? '') ? '' : word}\n`)
    }
  }
  await settled()
  return {
    async ask(line: string): Promise<string> {
      said = ''
      child.stdin.write(`${line}\n`)
      await settled()
      return said.replace(/> $/, '')
    },
    async leave() {
      child.stdin.end('exit\n')
      if (child.exitCode === null) await once(child, 'close')
    },
  }
}
