import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { scheduleBackups } from '../../src/administration/backup/scheduleBackups.ts'
import { backupSshKey, checkDestination } from '../../src/administration/backup/shipBackup.ts'
import { takeDueBackup, watchBackups } from '../../src/administration/backup/takeDueBackup.ts'
import type { Context } from '../../src/context.ts'
import { day, later } from '../../src/rules/clock.ts'
import { type Destination, findBackupSchedule } from '../../src/storage/backupSchedule.ts'
import { listBackupRecords } from '../../src/storage/backups.ts'
import { administrator } from '../support/account.ts'
import { type Machine, machineWithServer, passphrase } from '../support/backups.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const sshd = '/usr/sbin/sshd'

describe('backups by schedule', function () {
  this.timeout(120_000)
  let machine: Machine
  let context: Context
  let clock: TestClock

  before(async () => {
    const made = await machineWithServer()
    machine = made.machine
    clock = testClock(new Date('2026-03-01T12:00:00Z'))
    context = { ...made.shelves.context, clock }
  })
  after(() => machine?.remove())

  const decide = (given: { keep?: { daily: number; weekly: number; monthly: number }; destination?: Destination | null } = {}) =>
    scheduleBackups(context, administrator, {
      frequency: 'daily',
      hour: 2,
      keep: { daily: 2, weekly: 0, monthly: 0 },
      destination: null,
      passphrase,
      ...given,
    })
  const due = async () => {
    const { nextAt } = (await findBackupSchedule(context.storage.db))!
    clock.set(nextAt!)
    await takeDueBackup(context)
  }
  const alerts = () => context.storage.db('alerts').where({ kind: 'backup' }).whereNull('cleared_at').orderBy('subject').pluck('subject')
  const files = () => readdirSync(context.config.backupsFolder)
  const newest = async () => (await listBackupRecords(context.storage.db, 1))[0]!

  it('are taken when their time has come, verified, and only those stay that are to be kept', async () => {
    await decide()
    await takeDueBackup(context)
    assert.equal(existsSync(context.config.backupsFolder), false)
    for (let count = 0; count < 3; count++) await due()
    const { state, origin, verifiedAt, name } = await newest()
    assert.deepEqual(
      [state, origin, verifiedAt instanceof Date, files().length, files().includes(name!)],
      ['done', 'schedule', true, 2, true],
    )
    const { nextAt, failures } = (await findBackupSchedule(context.storage.db))!
    assert.deepEqual([nextAt! > clock.now(), nextAt! <= later(clock.now(), day), failures], [true, true, 0])
  })

  it('are taken by one of several servers', async () => {
    const before = (await newest()).id
    const { nextAt } = (await findBackupSchedule(context.storage.db))!
    clock.set(nextAt!)
    await Promise.all([takeDueBackup(context), takeDueBackup(context)])
    assert.equal((await newest()).id, before + 1)
  })

  it('keep their passphrase out of the database in clear', async () => {
    const { passphrase: sealed } = (await findBackupSchedule(context.storage.db))!
    assert.equal(sealed.includes(passphrase), false)
  })

  it('raise an alert when one fails or is late, and clear it when one ends well', async () => {
    const folder = context.config.backupsFolder
    // A folder cannot be made where a file is.
    context = { ...context, config: { ...context.config, backupsFolder: join(context.config.serverKeyFile, 'backups') } }
    await due()
    assert.deepEqual(await alerts(), ['failed'])
    const { failures, nextAt } = (await findBackupSchedule(context.storage.db))!
    assert.deepEqual([failures, nextAt! < later(clock.now(), day / 24)], [1, true])
    clock.advance(2 * day)
    await watchBackups(context.storage.db, clock.now())
    assert.deepEqual(await alerts(), ['failed', 'late'])
    context = { ...context, config: { ...context.config, backupsFolder: folder } }
    await takeDueBackup(context)
    assert.deepEqual(await alerts(), [])
  })

  it('let nothing of a destination pass for an option or a command', () => {
    const good = { host: 'vault.example', port: 22, user: 'backup', folder: '/srv/backups', hostKey: 'ssh-ed25519 AAAA' }
    checkDestination(good)
    for (const change of [
      { host: '-oProxyCommand=touch' },
      { user: '-l' },
      { folder: '/srv\nrm *' },
      { folder: '-r' },
      { folder: '/srv "' },
      { hostKey: 'ssh-ed25519 AAAA\n* ssh-rsa BBBB' },
      { port: 0 },
    ])
      assert.throws(() => checkDestination({ ...good, ...change }), { code: 'INVALID' })
  })

  describe('with copies on another machine', () => {
    let place: string
    let server: ChildProcess
    let destination: Destination

    before(async function () {
      if (!existsSync(sshd) || process.getuid?.() !== 0) this.skip()
      place = mkdtempSync(join(tmpdir(), 'quartermaster-sshd-'))
      mkdirSync(join(place, 'vault'))
      mkdirSync('/run/sshd', { recursive: true })
      for (const name of ['host', 'other']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(place, name)])
      const port = await freePort()
      writeFileSync(join(place, 'authorized_keys'), `${backupSshKey(context.config)}\n`)
      const config = [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${place}/host`,
        `AuthorizedKeysFile ${place}/authorized_keys`,
        'PidFile none',
        'UsePAM no',
        'StrictModes no',
        'PasswordAuthentication no',
        'Subsystem sftp internal-sftp',
      ]
      writeFileSync(join(place, 'sshd_config'), config.join('\n'))
      server = spawn(sshd, ['-D', '-e', '-f', join(place, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
      let said = ''
      server.stderr!.on('data', piece => {
        said += piece
      })
      await until(() => said.includes('Server listening'))
      destination = { host: '127.0.0.1', port, user: userInfo().username, folder: join(place, 'vault'), hostKey: keyOf('host') }
    })
    after(() => {
      server?.kill()
      if (place) rmSync(place, { recursive: true, force: true })
    })
    const keyOf = (name: string) =>
      readFileSync(join(place, `${name}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ')

    it('bring each one there whole', async () => {
      await decide({ destination })
      await due()
      const { name, shippedAt } = await newest()
      assert.ok(shippedAt)
      assert.deepEqual(readdirSync(join(place, 'vault')), [name])
      assert.deepEqual(readFileSync(join(place, 'vault', name!)), readFileSync(join(context.config.backupsFolder, name!)))
      assert.equal(statSync(join(place, 'vault', name!)).mode & 0o777, 0o600)
    })

    it('take the old ones away there, where that was asked for, and nothing else', async () => {
      const vault = join(place, 'vault')
      const other = 'somebody-elses.qmb'
      writeFileSync(join(vault, other), 'x')
      // One that somebody has taken away there already is no trouble.
      const at = new Date('2026-01-01T00:00:00Z')
      const gone = {
        origin: 'schedule',
        state: 'done',
        started_by: 'the schedule',
        started_at: at,
        shipped_at: at,
        name: 'onprem-gone.qmb',
      }
      await context.storage.db('backups').insert(gone)
      await decide({ keep: { daily: 1, weekly: 0, monthly: 0 }, destination: { ...destination, thin: true } })
      await due()
      const { name } = await newest()
      assert.deepEqual([readdirSync(vault).sort(), await alerts()], [[name, other].sort(), []])
      assert.deepEqual(await context.storage.db('backups').whereNotNull('shipped_at').pluck('name'), [name])
      rmSync(join(vault, other))
    })

    it('send nothing to a machine that shows another key, and say so', async () => {
      await decide({ destination: { ...destination, hostKey: keyOf('other') } })
      await due()
      assert.equal(readdirSync(join(place, 'vault')).length, 1)
      assert.deepEqual(await alerts(), ['failed'])
      const [{ message }] = await context.storage.db('alerts').where({ kind: 'backup', subject: 'failed' }).whereNull('cleared_at')
      assert.match(message, /could not be copied to 127\.0\.0\.1: .*[Hh]ost key/)
    })
  })
})

/** A port that is free at this moment; sshd cannot be asked for any. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
