import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type Action, action, type Profile, profiles } from '../../appliance/actions/action.ts'
import { dir } from '../../appliance/actions/files.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import { attachToJob, listJobs } from '../../appliance/actions/jobs.ts'
import type { Ground } from '../../appliance/helper/answer.ts'
import { openJobs } from '../../appliance/helper/jobs.ts'
import { listen } from '../../appliance/helper/listen.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { hasTerminal, openTerminal, type Terminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'

const secret = 'a passphrase of the test'

describe('the console', () => {
  let folder: string
  let socket: string
  let close: () => Promise<void>
  let ground: Ground
  let terminal: Terminal | undefined
  let dig: { tell(done: number): void; end(): void } | undefined

  /** Deeds with the names of the ledger, which is what the console offers, and with what a test can follow. */
  const stand = (name: string, run: Action['run'], rest: Partial<Action> = {}): Action =>
    action({ name, subject: 'overview', sentence: '', input: z.looseObject({}), profiles, callers: ['console'], run, ...rest })
  const deeds: Action[] = [
    stand('version', async () => ({
      release: '1.2.3',
      host: 'qm1',
      profile: ground.profile,
      role: 'stand-alone',
      appliance: true,
    })),
    stand('alerts', async () => ({ alerts: [{ severity: 'critical', message: 'The disk is full.' }] })),
    stand('uptime', async () => ({ days: 3, name: '\x1b]0;owned\x07\x1b[2Jafter' })),
    stand('logs', async () => ({ lines: Array.from({ length: 100 }, (_, at) => `line ${at + 1}`) })),
    stand('backup list', async () => ({ backups: [{ name: 'onprem-qm1.qmb', bytes: 12_000_000 }] })),
    stand(
      'backup verify',
      async ({ passphrase }) => {
        if (passphrase !== secret) throw new Refusal('INVALID', 'That is not its passphrase.', 'passphrase')
        return { whole: true }
      },
      { secrets: ['passphrase'] as never },
    ),
    stand('delete', async ({ file }) => ({ deleted: String(file) }), { confirm: () => 'old.qmb' }),
    stand(
      'database_backup',
      (_input, { tell }) =>
        new Promise(resolve => {
          dig = { tell: done => tell({ step: 'writing', done, of: 100 }), end: () => resolve({ file: 'backups:new.qmb' }) }
        }),
      { job: true, secrets: ['passphrase'] as never },
    ),
    dir,
    listJobs,
    attachToJob,
  ]

  const consoleArgs = (...rest: string[]) => [
    process.execPath,
    'tui/console.ts',
    '--socket',
    socket,
    '--history',
    join(folder, 'history'),
    ...rest,
  ]
  const open = async (options: Parameters<typeof openTerminal>[1] = {}, ...rest: string[]) => {
    terminal = openTerminal(consoleArgs(...rest), { ...options, environment: { HOME: folder, ...options?.environment } })
    return terminal
  }
  const onProfile = (profile: Profile) => {
    ground.profile = profile
  }
  const alone = async (words: string[], input = '') => {
    const child = spawn(process.execPath, ['tui/console.ts', '--socket', socket, '--history', join(folder, 'history'), ...words], {
      env: { ...process.env, HOME: folder },
    })
    child.stdin.on('error', () => {}).end(input)
    const [out, err] = [text(child.stdout), text(child.stderr)]
    const [code] = await once(child, 'close')
    return { code, out: await out, err: await err }
  }

  beforeEach(async function () {
    if (!hasTerminal) return this.skip()
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-console-'))
    socket = join(folder, 'console.sock')
    const folders = applianceFolders(folder)
    const jobs = openJobs(folders.jobs, () => new Date())
    ground = { profile: 'standard', appliance: true, folders, jobs, actions: deeds, log: () => {} }
    close = (await listen(ground, [{ caller: 'console', at: { path: socket } }])).close
  })
  afterEach(async () => {
    terminal?.close()
    terminal = undefined
    dig?.end()
    dig = undefined
    await close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows where one is, a menu that the arrow keys move in, and what a command of it answers', async () => {
    const { press, shows, screen } = await open()
    await shows(/Quartermaster · qm1 · 1\.2\.3 · Standard · stand-alone/)
    await shows('1 alert')
    press('Down', 'Down')
    await shows('► Backup')
    press('Enter')
    await shows(/► database_backup/)
    press('Down')
    await shows(/► backup list/)
    press('Enter')
    await shows(/onprem-qm1\.qmb +12\.0 MB/)
    press('Escape')
    await shows(/► backup list/)
    assert.ok(
      screen()
        .split('\n')
        .every(line => line.length <= 80),
    )
  })

  it('takes typed commands, completes them, remembers them, and pages through a long answer', async () => {
    const { press, type, shows } = await open()
    await shows('Overview')
    type('lo')
    press('Tab')
    await shows('► logs')
    press('Enter')
    await shows(/1-17 of 100/)
    press('PageDown')
    await shows('line 17')
    type('frobnicate')
    press('Enter')
    await shows('There is no command "frobnicate"')
    press('C-p', 'C-p')
    await shows('► logs')
    press('C-c')
    type('?')
    await shows(/Commands +1-17 of \d+/)
    assert.ok(readFileSync(join(folder, 'history'), 'utf8').includes('logs'))
  })

  it('asks for a secret with dots, again where it was wrong, and remembers it nowhere', async () => {
    const { press, type, shows, screen } = await open()
    await shows('Overview')
    type('backup verify backups:onprem-qm1.qmb')
    press('Enter')
    await shows('the passphrase of the backup')
    type('wrong')
    await shows('•••••')
    press('Enter')
    await shows('That is not its passphrase.')
    type(secret)
    press('Enter')
    await shows(/Whole +yes/)
    assert.ok(!screen().includes(secret))
    assert.ok(!readFileSync(join(folder, 'history'), 'utf8').includes(secret))
  })

  it('does what destroys only when the word is typed', async () => {
    const { press, type, shows } = await open()
    await shows('Overview')
    type('delete backups:old.qmb')
    press('Enter')
    await shows('Type old.qmb to go on')
    type('yes')
    press('Enter')
    await shows('nothing was done')
    type('delete backups:old.qmb')
    press('Enter')
    await shows('Type old.qmb to go on')
    type('old.qmb')
    press('Enter')
    await shows(/Deleted +backups:old\.qmb/)
  })

  it('draws the progress of a job, which goes on when the line is dropped, and is found again', async () => {
    const first = await open()
    await first.shows('Overview')
    first.type('database_backup')
    first.press('Enter')
    await first.shows('passphrase, again')
    first.type(secret)
    first.press('Enter')
    first.type(secret)
    first.press('Enter')
    await until(() => dig)
    dig!.tell(40)
    await first.shows(/writing: 40 %/)
    await first.shows('██')
    // The terminal goes away as it does when a line hangs up.
    first.close()
    const again = await open()
    await again.shows('Overview')
    again.type('job attach ')
    again.press('Tab')
    await again.shows(/job attach \d{14}-/)
    again.press('Enter')
    await again.shows('Ctrl-C')
    dig!.tell(90)
    await again.shows(/writing: 90 %/)
    dig!.end()
    await again.shows(/File +backups:new\.qmb/)
  })

  it('obeys nothing in what it shows', async () => {
    const { press, type, shows } = await open()
    await shows('Overview')
    type('uptime')
    press('Enter')
    await shows(/Name +after/)
    await shows('Quartermaster')
  })

  it('draws itself anew when the window changes, down to a narrow one', async () => {
    const { resize, shows, screen } = await open()
    await shows('Overview')
    resize(120, 40)
    await until(() => screen().split('\n')[39]?.includes('Ctrl-D leave'))
    resize(50, 20)
    await until(() => /► *$/m.test(screen()) && screen().split('\n')[0]!.length <= 50 && !screen().includes('│'))
    resize(80, 24)
    await until(() => screen().split('\n')[23]?.includes('Ctrl-D leave'))
    assert.equal(screen().match(/Quartermaster/g)?.length, 1)
  })

  it('stays through Ctrl-C, Ctrl-Z and Ctrl-\\, and leaves by Ctrl-D', async () => {
    const { press, type, shows, ended, exitCode } = await open()
    await shows('Overview')
    press('C-c', 'C-z', 'C-\\', 'C-c')
    type('uptime')
    press('Enter')
    await shows(/Days +3/)
    assert.equal(ended(), false)
    press('C-d')
    await until(() => ended())
    assert.equal(exitCode(), 0)
  })

  it('is drawn in plain signs on a vt100, and without colours where those are not wanted', async () => {
    const { shows, screen } = await open({ term: 'vt100' })
    await shows('> Overview')
    assert.ok(/^[\x20-\x7e\n]*$/.test(screen()), screen())
    terminal!.close()
    const plainly = await open({ environment: { NO_COLOR: '1' } })
    await plainly.shows('► Overview')
  })

  it('reads line by line for a screen reader, and where a terminal has no name that is one', async () => {
    for (const [options, ...rest] of [[{}, '--linear'], [{ term: '../../../tmp/x' }]] as [object, ...string[]][]) {
      const { press, type, shows, ended } = await open(options, ...rest)
      await shows('Quartermaster 1.2.3 on qm1')
      type('backup verify backups:a.qmb')
      press('Enter')
      await shows('the passphrase of the backup:')
      type(secret)
      press('Enter')
      await shows(/Whole +yes/)
      assert.ok(!terminal!.screen().includes(secret))
      press('C-z', 'C-c')
      type('exit')
      press('Enter')
      await until(() => ended())
      terminal!.close()
    }
  })

  it('gives a command up, line by line, after three refused answers, and at Ctrl-C', async () => {
    const { press, type, shows, screen, ended } = await open({}, '--linear')
    await shows('Ctrl-C to give a command up')
    type('backup verify backups:a.qmb')
    press('Enter')
    const isAskedAfter = (refusals: number) =>
      screen().split('not its passphrase').length - 1 === refusals && /the passphrase of the backup: *\n*$/.test(screen())
    for (const refusals of [0, 1, 2]) {
      await until(() => isAskedAfter(refusals))
      type(`wrong ${refusals}`)
      press('Enter')
    }
    await shows(/3 answers were refused\. Begin the command again[\s\S]*Nothing was done\.\n> *\n*$/)
    type('backup verify backups:b.qmb')
    press('Enter')
    await shows(/the passphrase of the backup: *\n*$/)
    press('C-c')
    await shows(/the passphrase of the backup: *\nNothing was done\.\n> *\n*$/)
    type('delete backups:old.qmb')
    press('Enter')
    await shows(/Type old\.qmb to go on: *\n*$/)
    press('C-c')
    await shows(/Type old\.qmb to go on: *\nNothing was done\.\n> *\n*$/)
    type('exit')
    press('Enter')
    await until(() => ended())
  })

  it('shows in the STIG profile what one agrees to, before anything else', async () => {
    onProfile('stig')
    const { press, shows, screen } = await open()
    await shows('authorised use only')
    assert.ok(!screen().includes('Overview'))
    press('Enter')
    await shows('STIG')
    await shows('Overview')
    terminal!.close()
    const other = await open()
    await other.shows('authorised use only')
    other.press('Escape')
    await until(() => other.ended())
    // What Enter is to a terminal that does not yet give keys as they are: struck while the console was loading.
    const early = await open()
    await early.shows('authorised use only')
    early.press('C-j')
    await early.shows('► Overview')
    early.type('uptime')
    early.press('C-j')
    await early.shows(/Days +3/)
  })

  it('ends ten minutes after the last key in the STIG profile, and stands open in the Standard one', async () => {
    const openOnMinutes = async () => {
      const words = [process.execPath, '--import', resolve('test/support/minutesOfFile.ts'), ...consoleArgs().slice(1)]
      terminal = openTerminal(words, { environment: { HOME: folder } })
      return terminal
    }
    const pass = (minutes: number) => writeFileSync(join(folder, 'minutes'), String(minutes))
    const standard = await openOnMinutes()
    await standard.shows('► Overview')
    pass(900)
    standard.type('uptime')
    standard.press('Enter')
    await standard.shows(/Days +3/)
    standard.close()
    pass(0)
    onProfile('stig')
    const { press, type, shows, ended } = await openOnMinutes()
    await shows('authorised use only')
    press('Enter')
    await shows('► Overview')
    for (const [minutes, key] of [
      [9, 'a'],
      [18, 'b'],
      [27, 'c'],
    ] as const) {
      pass(minutes)
      type(key)
      await shows(new RegExp(`► \\w*${key}`))
    }
    assert.equal(ended(), false)
    pass(37)
    await until(() => ended())
  }).timeout(300_000)

  it('does one command and ends, with codes and data that programs read', async () => {
    const listed = await alone(['backup', 'list', '--json'])
    assert.deepEqual(JSON.parse(listed.out), { result: { backups: [{ name: 'onprem-qm1.qmb', bytes: 12_000_000 }] } })
    assert.equal(listed.code, 0)
    assert.equal((await alone(['frobnicate'])).code, 2)
    assert.equal((await alone(['backup', 'verify', 'backups:a.qmb'], 'wrong\n')).code, 3)
    const verified = await alone(['backup', 'verify', 'backups:a.qmb', '--json'], `${secret}\n`)
    assert.deepEqual(JSON.parse(verified.out), { result: { whole: true } })
    assert.equal((await alone(['delete', 'backups:old.qmb'])).code, 4)
    assert.equal((await alone(['delete', 'backups:old.qmb', '--confirm', 'old.qmb'])).code, 0)
  })

  it('as a login shell takes a command in the Standard profile and none in the STIG profile', async () => {
    const standard = await alone(['-c', 'backup list --json'])
    assert.equal(standard.code, 0, standard.err)
    onProfile('stig')
    const strict = await alone(['-c', 'backup list --json'])
    assert.deepEqual([strict.code, strict.out], [3, ''])
    assert.match(strict.err, /nothing else/)
  })

  it('says so where the helper is away, and is then as strict as it can be', async () => {
    await close()
    const { press, shows } = await open()
    await shows('authorised use only')
    press('Enter')
    await shows('The helper cannot be reached')
    close = async () => {}
  })
})
