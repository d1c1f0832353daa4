import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type Action, action, type Profile, profiles } from '../../appliance/actions/action.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import { attachToJob, listJobs } from '../../appliance/actions/jobs.ts'
import { openJobs } from '../../appliance/helper/jobs.ts'
import { listen } from '../../appliance/helper/listen.ts'
import { consoleProgram } from '../../appliance/install/deeds/people.ts'
import { sshText } from '../../appliance/install/deeds/ssh.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'

const consoleShell = '/usr/local/bin/quartermaster-console'
const hostile = '\x1b]0;owned\x07\x1b[2J$(touch x);.qmb'

/** The appliance's own sshd settings, its console as the login shell, a helper beside it; signed in to over a real ssh. */
async function machineWith(profile: Profile) {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-signin-'))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'run'))
  let dig: { tell(done: number): void; end(): void } | undefined
  const stand = (name: string, run: Action['run'], rest: Partial<Action> = {}): Action =>
    action({ name, subject: 'overview', sentence: '', input: z.looseObject({}), profiles, callers: ['console'], run, ...rest })
  const actions = [
    stand('version', async () => ({ release: '1.2.3', host: 'qm1', profile, role: 'stand-alone', appliance: true })),
    stand('alerts', async () => ({ alerts: [] })),
    stand('status', async () => ({ host: 'qm1', load: '0.1' })),
    stand('backup list', async () => ({ backups: [{ name: hostile, bytes: 12 }] })),
    stand(
      'database_backup',
      (_input, { tell }) =>
        new Promise(resolve => {
          dig = { tell: done => tell({ step: 'writing', done, of: 100 }), end: () => resolve({ file: 'backups:new.qmb' }) }
        }),
      { job: true },
    ),
    listJobs,
    attachToJob,
  ]
  const folders = applianceFolders(folder)
  const jobs = openJobs(folders.jobs, () => new Date())
  const socket = join(folder, 'run/console.sock')
  const helper = await listen({ profile, appliance: true, folders, jobs, actions, log: () => {} }, [
    { caller: 'console', at: { path: socket } },
  ])
  chmodSync(socket, 0o666)
  for (const name of ['client', 'host']) spawnSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, name)])
  const port = await freePort()
  writeFileSync(join(folder, 'console'), consoleProgram)
  const hostKey = profile === 'stig' ? [] : ['HostKey /etc/ssh/ssh_host_ecdsa_key']
  // No log-in accounting here, which is the test machine's.
  const own = [`Port ${port}`, 'ListenAddress 127.0.0.1', 'PidFile none', 'UsePAM no', ...hostKey]
  writeFileSync(join(folder, 'sshd_config'), `${own.join('\n')}\n${sshText({ profile })}`)
  const sh = join(process.cwd(), 'test/support/signIn.sh')
  const args = ['--mount', '--propagation', 'private', '/bin/sh', sh, folder, process.cwd(), consoleShell, process.execPath]
  const daemon: ChildProcess = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  daemon.stderr?.on('data', piece => {
    said += piece
  })
  await until(() => said.includes('Server listening') || daemon.exitCode !== null)
  assert.equal(daemon.exitCode, null, said)
  const common = [
    '-F',
    '/dev/null',
    '-i',
    join(folder, 'client'),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    'BatchMode=yes',
  ]
  const target = ['-p', String(port), 'admin@127.0.0.1']
  return {
    folder,
    port,
    common,
    dig: () => dig,
    owned: () => existsSync(join(folder, 'run/owned')),
    said: () => said,
    open: (options: { term?: string; ssh?: string[] } = {}): Terminal =>
      openTerminal(['ssh', ...common, ...(options.ssh ?? []), ...target], options.term ? { term: options.term } : {}),
    /** ssh with words of its own, not at a terminal; what it printed and how it ended. */
    ssh: (before: string[], after: string[], input = '') => ended('ssh', [...common, ...before, ...target, ...after], input),
    async remove() {
      daemon.kill('SIGTERM')
      if (daemon.exitCode === null) await once(daemon, 'close')
      dig?.end()
      await helper.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a program and waits for its end, while the helper beside it goes on answering. */
async function ended(program: string, args: string[], input = '') {
  const child = spawn(program, args, { timeout: 100_000 })
  child.stdin.on('error', () => {}).end(input)
  const [out, err] = [text(child.stdout), text(child.stderr)]
  const [code] = await once(child, 'close')
  return { code, out: await out, err: await err }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** What an attempt must not bring: the answer of `id`, or a prompt of a shell. */
const isShell = (text: string) => /uid=\d+|^[\w@:~-]*[$#] $/m.test(text)

describe('the console over SSH, in the STIG profile', function () {
  this.timeout(300_000)
  let machine: Awaited<ReturnType<typeof machineWith>>
  let terminal: Terminal | undefined
  const table: [string, string][] = []
  const note = (attempt: string, got: string) => table.push([attempt, got.replace(/\s+/g, ' ').trim().slice(0, 90)])

  before(async () => {
    machine = await machineWith('stig')
  })
  afterEach(() => {
    terminal?.close()
    terminal = undefined
  })
  after(async () => {
    await machine?.remove()
    console.log(table.map(([attempt, got]) => `      | ${attempt} | ${got} |`).join('\n'))
  })

  const signedIn = async (options: { term?: string; ssh?: string[] } = {}) => {
    terminal = machine.open(options)
    await terminal.shows('authorised use only')
    terminal.press('Enter')
    await terminal.shows(/STIG/)
    return terminal
  }

  it('is drawn, moved in by the arrow keys, typed into, and follows the window', async () => {
    const began = performance.now()
    const { press, type, shows, resize, screen } = await signedIn()
    console.log(`      drawn ${Math.round(performance.now() - began)} ms after ssh was started`)
    await shows('Overview')
    press('Down', 'Down')
    await shows('► Backup')
    type('status')
    press('Enter')
    await shows(/Load +0\.1/)
    resize(100, 30)
    await until(() => screen().split('\n')[29]?.includes('Ctrl-D leave'))
  })

  it('leaves a job alone when the line hangs up, and finds it again', async () => {
    const first = await signedIn()
    first.type('database_backup')
    first.press('Enter')
    await first.shows('passphrase, again')
    for (const _ of [1, 2]) {
      first.type('a passphrase of the test')
      first.press('Enter')
    }
    await until(() => machine.dig())
    machine.dig()!.tell(40)
    await first.shows('writing: 40 %')
    first.close()
    const again = await signedIn()
    again.type('job attach ')
    again.press('Tab')
    await again.shows(/job attach \d{14}-/)
    again.press('Enter')
    await again.shows('writing: 40 %')
    machine.dig()!.end()
    await again.shows(/backups:new\.qmb/)
  })

  it('gives nothing to whoever asks for a command, a file copy, a subsystem or a forwarding', async () => {
    for (const [name, before, after] of [
      ['ssh host id', [], ['id']],
      ['ssh -tt host /bin/bash', ['-tt'], ['/bin/bash']],
      ['ssh host "status; id"', [], ['status; id']],
      ['ssh host -- --linear (as a command)', [], ['--', '--linear']],
      ['ssh -s host sftp', ['-s'], ['sftp']],
    ] as [string, string[], string[]][]) {
      const { code, out, err } = await machine.ssh(before, after, 'id\n')
      assert.ok(code !== 0 && !isShell(out), `${name}: ${code} ${out}`)
      note(name, `exit ${code}: ${(out + err).replace(/^Warning.*$/gm, '') || 'closed'}`)
    }
    const file = join(machine.folder, 'client.pub')
    const at = `admin@127.0.0.1:/tmp/quartermaster-copied`
    for (const [name, program, words] of [
      ['scp (SFTP)', 'scp', [file, at]],
      ['scp -O (the old protocol)', 'scp', ['-O', file, at]],
      ['sftp', 'sftp', ['-b', '/dev/null', 'admin@127.0.0.1']],
    ] as [string, string, string[]][]) {
      const { code, err } = await ended(program, [...machine.common, '-P', String(machine.port), ...words])
      assert.notEqual(code, 0, name)
      note(name, `exit ${code}: ${err}`)
    }
    assert.ok(!existsSync('/tmp/quartermaster-copied'))
  })

  it('forwards nothing', async () => {
    const [local, socks] = [await freePort(), await freePort()]
    terminal = machine.open({ ssh: ['-L', `${local}:127.0.0.1:${machine.port}`, '-D', String(socks)] })
    await terminal.shows('authorised use only')
    // The client listens by itself; what counts is that nothing comes through.
    const heard = await new Promise<string>(resolve => {
      let text = ''
      const line = connect(local, '127.0.0.1').on('error', error => resolve(error.message))
      line.on('data', piece => {
        text += piece
      })
      line.on('close', () => resolve(text))
    })
    assert.equal(heard.includes('SSH-2.0'), false)
    note('-L, and a connection through it', heard || 'closed without a byte')
    const viaSocks = await ended('curl', ['-s', '-m', '5', '--socks5', `127.0.0.1:${socks}`, `http://127.0.0.1:${machine.port}`])
    assert.equal(viaSocks.out.includes('SSH-2.0'), false)
    note('-D, and a connection through it', 'closed without a byte')
    const remote = await machine.ssh(['-R', `${await freePort()}:127.0.0.1:22`, '-o', 'ExitOnForwardFailure=yes', '-N'], [])
    assert.notEqual(remote.code, 0)
    note('-R', `exit ${remote.code}: ${remote.err}`)
  })

  it('takes no variable, no file of the user, and no name of a terminal for more than a name', async () => {
    const names = [
      'NODE_OPTIONS=--inspect=127.0.0.1:9229',
      'LD_PRELOAD=/tmp/x.so',
      'PAGER=/bin/sh',
      'EDITOR=/bin/sh',
      'SHELL=/bin/sh',
      'NODE_PATH=/tmp',
      'ENV=/tmp/x',
    ]
    const { shows } = await signedIn({ ssh: names.flatMap(name => ['-o', `SetEnv=${name}`]) })
    await shows('Overview')
    const inside = environmentsOfConsoles()
    assert.ok(inside.length > 0)
    for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'PAGER', 'EDITOR', 'NODE_PATH', 'ENV='])
      assert.ok(!inside.some(each => each.includes(name)), name)
    note(
      'SetEnv / SendEnv NODE_OPTIONS, NODE_PATH, LD_PRELOAD, PAGER, EDITOR, SHELL, ENV',
      'none of them is in the environment of the console',
    )
    assert.equal(machine.owned(), false)
    note('~/.ssh/rc, ~/.ssh/environment, ~/.profile', 'not read, not run')
    terminal!.close()
    terminal = machine.open({ term: '../../../tmp/x' })
    await terminal.shows('authorised use only')
    note('TERM=../../../tmp/x', 'the console line by line; nothing is looked up by that name')
  })

  it('does not give way to keys, to what is typed, or to what is shown', async () => {
    const { press, type, paste, shows, screen, ended } = await signedIn()
    await shows('Overview')
    press('C-c', 'C-z', 'C-\\', 'C-c', 'C-z', 'C-]', 'C-v', 'C-o', 'C-x', 'C-e', 'F1', 'F10')
    for (const words of ['!sh', '; sh', '$(id)', '`id`', '--help | sh', '/bin/sh', ':!sh', 'exec sh']) {
      press('C-u')
      type(words)
      press('Enter')
      await shows(/There is no command/)
      assert.ok(!isShell(screen()))
      note(`typed: ${words}`, 'There is no command …')
      press('Escape')
      await until(() => !screen().includes('There is no command'))
    }
    note('Ctrl-C, Ctrl-Z, Ctrl-\\, Ctrl-], Ctrl-V Ctrl-O, Ctrl-X Ctrl-E, F1, F10', 'the console stays')
    type('backup list')
    press('Enter')
    await shows('$(touch x);.qmb')
    assert.ok(screen().includes('Quartermaster'))
    note('a file name with escape sequences', 'shown without them: $(touch x);.qmb')
    paste('sh\n'.repeat(20_000))
    await shows('sh sh sh')
    press('Enter')
    await shows(/too long|There is no command/)
    note('a paste of 60,000 signs', 'one line, cut off and refused')
    assert.equal(ended(), false)
    press('C-d')
    press('C-u')
    press('C-d')
    await until(() => ended())
    note('leaving the console', 'the connection ends')
  })
})

describe('the console over SSH, in the Standard profile', function () {
  this.timeout(300_000)

  it('takes one of its own commands from ssh, and nothing else', async () => {
    const machine = await machineWith('standard')
    try {
      const listed = await machine.ssh([], ['status', '--json'])
      assert.deepEqual([listed.code, JSON.parse(listed.out)], [0, { result: { host: 'qm1', load: '0.1' } }])
      const other = await machine.ssh([], ['id'])
      assert.ok(other.code === 2 && !isShell(other.out), other.err)
    } finally {
      await machine.remove()
    }
  })
})

/** The environments of all consoles that run as the program of the appliance. */
function environmentsOfConsoles(): string[] {
  const { stdout } = spawnSync(
    '/bin/sh',
    [
      '-c',
      'for p in /proc/[0-9]*; do if grep -qa "/opt/quartermaster/current/tui/console.ts" $p/cmdline 2>/dev/null; then tr "\\0" " " <$p/environ; echo; fi; done',
    ],
    { encoding: 'utf8' },
  )
  return stdout.split('\n').filter(line => line.includes('SSH_CONNECTION'))
}
