import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openOperator, sshWords } from '../../support/operator.ts'
import { openTerminal } from '../../support/terminal.ts'
import { until } from '../../support/until.ts'
import { hostileVariables, isShell, typedForAShell, waysOut } from '../../support/waysOut.ts'
import { atTheConsole, consoles, keepTable, type Trial } from './trial.ts'

/** Every way out of the STIG console that was thought of, against the live sshd with PAM and the installed programs; a table says what each got. */
export async function escapes(trial: Trial): Promise<void> {
  const { machine, screens, say } = trial
  const rows: [string, string][] = []
  const note = (attempt: string, got: string) => void rows.push([attempt, got.replace(/\s+/g, ' ').trim()])
  const key = await letAKeyIn(trial)
  const at = `admin@${machine.address}`
  for (const { name, words, input, got } of waysOut) {
    const [program = '', ...args] = ['timeout', '60', ...words(at, key)]
    const { code, out } = machine.beside('sh', '-c', `printf %s "$0" | "$@"`, input ?? '', program, ...args)
    assert.ok(!isShell(out), `${name}: ${out}`)
    assert.ok(!got?.test(out), `${name}: ${out}`)
    note(name, lastSentence(out) + (code > 0 ? ` (exit code ${code})` : ''))
  }
  assert.notEqual(machine.run('test', '-e', '/tmp/quartermaster-copied').code, 0)
  await inside(trial, key, note)
  await signals(trial, key, note)
  notOnTheMachine(trial, note)
  keepTable(screens, 'ways-out.md', rows)
  say(
    `${rows.length} ways out of the console were tried, and none led to a shell, a file or a connection (${join(screens, 'ways-out.md')}).`,
  )
}

/** By the console itself, as an operator does. */
async function letAKeyIn(trial: Trial): Promise<string> {
  const { machine, screens } = trial
  mkdirSync(screens, { recursive: true })
  const key = join(screens, 'operator.key')
  machine.beside('ssh-keygen', '-q', '-t', 'ecdsa', '-N', '', '-f', key)
  const operator = await atTheConsole(trial, 'escapes')
  try {
    await operator.does(`ssh_key add "${readFileSync(`${key}.pub`, 'utf8').trim()}"`, /Fingerprint/, { name: 'ssh_key add' })
    assert.match(await operator.does('ssh_key list', /SHA256/), /ecdsa/)
  } finally {
    operator.close()
  }
  return key
}

const lastSentence = (said: string) =>
  said
    .replaceAll('\x1b', '')
    .split('\n')
    .map(line => line.trim().replace(/^(> ?)+/, ''))
    .filter(line => line !== '' && !/authori[sz]ed use only|monitored|agree|consent|leave now|^(Whoever|What is done|charge)/i.test(line))
    .at(-1) ?? 'closed without a word'

/** With a terminal: variables, agent, the terminal's name, keys, what is typed and what is pasted. */
async function inside(trial: Trial, key: string, note: (attempt: string, got: string) => void): Promise<void> {
  const { machine, screens } = trial
  const sets = hostileVariables.flatMap(each => ['-o', `SetEnv=${each}`])
  const operator = await openOperator(machine, { key }, join(screens, 'inside'), ['-A', '-X', ...sets])
  try {
    await operator.shows('authorised use only')
    operator.press('Enter')
    await operator.shows('► Overview')
    const found = consoles(trial)
    assert.ok(found.length > 0)
    for (const { environment } of found)
      for (const name of [
        ...hostileVariables.map(each => each.split('=')[0]!).filter(name => name !== 'SHELL' && name !== 'LANG'),
        'SSH_AUTH_SOCK',
        'DISPLAY',
        '/bin/sh',
        '../',
      ])
        assert.ok(!environment.includes(name), name)
    note(`SetEnv of ${hostileVariables.map(each => each.split('=')[0]).join(', ')}`, "none of them is in the console's environment")
    note('-A, -X (agent, X11)', 'neither an agent nor a display is in its environment')
    operator.press('C-c', 'C-z', 'C-\\', 'C-c', 'C-z', 'C-]', 'C-v', 'C-o', 'C-x', 'C-e', 'F1', 'F10')
    for (const words of typedForAShell) {
      await operator.does(words, /There is no command/, { name: `typed ${words}` })
      assert.ok(!isShell(operator.screen()))
    }
    note('Ctrl-C, Ctrl-Z, Ctrl-\\, Ctrl-], Ctrl-V Ctrl-O, Ctrl-X Ctrl-E, F1, F10', 'the console stays')
    note(typedForAShell.map(each => `\`${each}\``).join(', '), '"There is no command …"')
    operator.press('Escape')
    operator.paste('sh\n'.repeat(20_000))
    await operator.shows('sh sh sh')
    operator.press('Enter')
    await operator.shows(/too long|There is no command/)
    note('a paste of 60,000 signs', 'one line, cut off and refused')
    operator.press('C-u')
    operator.press('C-d')
    await until(() => operator.ended())
    note('leaving the console', 'the connection ends')
  } finally {
    operator.close()
  }
  for (const term of ['../../../tmp/x', 'xterm;sh', '$(id)', 'dumb', 'vt100']) {
    const terminal = openTerminal(machine.wordsBeside('ssh', ...sshWords({ key }), `admin@${machine.address}`), { term })
    try {
      await terminal.shows('authorised use only')
      assert.ok(!isShell(terminal.screen()))
      note(`TERM=${term}`, term === 'vt100' ? 'the console, drawn plainly' : 'the console line by line; nothing is looked up by that name')
    } finally {
      terminal.close()
    }
  }
}

/** Signals that the SSH protocol, or somebody with the account, could send. */
async function signals(trial: Trial, key: string, note: (attempt: string, got: string) => void): Promise<void> {
  const { machine, screens } = trial
  for (const [signal, stays] of [
    ['USR1', true],
    ['USR2', true],
    ['QUIT', true],
    ['TSTP', true],
    ['PIPE', true],
    ['INT', false],
    ['TERM', false],
    ['HUP', false],
  ] as const) {
    const operator = await openOperator(machine, { key }, join(screens, 'signals'))
    try {
      await operator.shows('authorised use only')
      operator.press('Enter')
      await operator.shows('► Overview')
      for (const { pid } of consoles(trial)) machine.run('kill', `-${signal}`, pid)
      if (stays) {
        await operator.does('uptime', /Load/, { name: `after ${signal}` })
        assert.ok(!machine.run('ss', '-ltn').out.includes(':9229'))
      } else await until(() => operator.ended())
      assert.ok(!isShell(operator.screen()))
      note(`SIG${signal}`, stays ? `the console stays${signal === 'USR1' ? ', and no debugger listens' : ''}` : 'the connection ends')
    } finally {
      operator.close()
    }
    await until(() => consoles(trial).length === 0)
  }
}

/** What the account could use if it had a shell after all. */
function notOnTheMachine({ machine }: Trial, note: (attempt: string, got: string) => void): void {
  const asAdmin = (...words: string[]) => machine.run('setpriv', '--reuid=admin', '--regid=admin', '--init-groups', ...words)
  const su = machine.run('su', 'admin', '-c', 'id')
  assert.ok(!isShell(su.out), su.out)
  note('su admin -c id', lastSentence(su.out))
  assert.notEqual(machine.run('test', '-e', '/usr/bin/sudo').code, 0)
  note('sudo', 'there is none')
  for (const [name, path] of [
    ['the server key', '/etc/quartermaster/keys/server.key'],
    ['a backup', '/var/lib/quartermaster/backups'],
    ["the server's socket of the helper", '/run/quartermaster/server.sock'],
  ] as const) {
    const { code, out } = path.endsWith('.sock') ? asAdmin('test', '-w', path) : asAdmin('ls', `${path}/`)
    const read = path.endsWith('.key') ? asAdmin('cat', path).code : code
    assert.notEqual(read, 0, out)
    note(`admin reads ${name}`, 'permission denied')
  }
}
