import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listBackupFiles } from '../../src/administration/backup/backupsFolder.ts'
import { deleteBackup } from '../../src/administration/backup/deleteBackup.ts'
import { type BackupFile, readBackupFile, writeHeader } from '../../src/administration/backup/header.ts'
import { takeBackup } from '../../src/administration/backup/takeBackup.ts'
import { verifyBackup } from '../../src/administration/backup/verifyBackup.ts'
import type { Context } from '../../src/context.ts'
import { databaseOf } from '../../src/storage/backup/address.ts'
import { withDatabases } from '../../src/storage/backup/databases.ts'
import { findProgram } from '../../src/storage/backup/programs.ts'
import { listBackupRecords } from '../../src/storage/backups.ts'
import { administrator, newToken, registeredAccount } from '../support/account.ts'
import { type Machine, machineWithServer, passphrase } from '../support/backups.ts'
import { until } from '../support/until.ts'

describe('a backup', function () {
  this.timeout(120_000)
  let machine: Machine
  let context: Context
  let file: BackupFile
  let secret: string

  before(async () => {
    const made = await machineWithServer()
    machine = made.machine
    context = made.shelves.context
    const home = await registeredAccount(context, { name: 'Laboratory' })
    secret = (await newToken(context, home)).secret
    file = await takeBackup(context, administrator, { passphrase })
  })
  after(() => machine?.remove())

  const verify = (path = file.path, by = passphrase) => verifyBackup(context, administrator, { path, passphrase: by })
  const databases = async () =>
    (await context.storage.db('pg_database').whereLike('datname', `${databaseOf(machine.connection).slice(0, 30)}%`)).length
  const flipped = (bytes: Buffer) => {
    bytes[bytes.length - 200]! ^= 1
    return bytes
  }
  const altered = (name: string, change: (bytes: Buffer) => Buffer | undefined) => {
    const bytes = readFileSync(file.path)
    const path = join(machine.folder, `${name}.qmb`)
    writeFileSync(path, change(bytes) ?? bytes)
    return path
  }

  it("says without its passphrase what it is, and is its owner's alone", async () => {
    const { header } = await readBackupFile(file.path)
    assert.equal(header.host.length > 0 && header.release.length > 0 && header.schema > 0, true)
    assert.equal(statSync(file.path).mode & 0o777, 0o600)
    assert.match(file.name, /^onprem-[\w-]+-\d+\.\d+\.\d+-\d{8}T\d{9}Z\.qmb$/)
    assert.deepEqual(
      (await listBackupFiles(context.config)).files.map(({ name }) => name),
      [file.name],
    )
  })

  it('shows nothing of what is in it', () => {
    const bytes = readFileSync(file.path)
    for (const word of ['Laboratory', 'PGDMP', secret, passphrase]) assert.equal(bytes.includes(word), false, word)
    assert.equal(bytes.includes(readFileSync(context.config.serverKeyFile)), false)
  })

  it('is verified by a trial restore, of which nothing is left', async () => {
    const before = await databases()
    const { counts, keys } = await verify()
    assert.deepEqual([counts.local_accounts, counts.registration_tokens, keys.accounts], [1, 1, 1])
    assert.equal(await databases(), before)
    const [record] = await listBackupRecords(context.storage.db, 1)
    assert.deepEqual([record?.state, record?.name, record?.verifiedAt instanceof Date], ['done', file.name, true])
  })

  it('takes away what a killed verification has left', async () => {
    const { live } = await withDatabases(machine.connection, async all => {
      await all.create(`${all.live.slice(0, 30)}_trial_left`)
      return all
    })
    await verify()
    const rows = await context.storage.db('pg_database').where('datname', `${live.slice(0, 30)}_trial_left`)
    assert.deepEqual(rows, [])
  })

  it('tells a wrong passphrase from a damaged file', async () => {
    await assert.rejects(verify(file.path, 'correct horse batterY'), { code: 'INVALID', field: 'passphrase' })
    const damaged: [string, (bytes: Buffer) => Buffer | undefined, RegExp][] = [
      ['flipped', flipped, /changed, damaged or cut short/],
      ['cut', bytes => bytes.subarray(0, -1), /changed, damaged or cut short/],
      ['empty', bytes => bytes.subarray(0, bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1), /cut short/],
      ['longer', bytes => Buffer.concat([bytes, Buffer.alloc(16)]), /changed, damaged or cut short/],
      [
        'header',
        bytes => Buffer.from(bytes.toString('latin1').replace('"origin":"person"', '"origin":"schedule"'), 'latin1'),
        /changed, damaged/,
      ],
    ]
    for (const [name, change, words] of damaged) await assert.rejects(verify(altered(name, change)), { message: words })
  })

  it('is not taken for one when it is none, nor when a newer release wrote it', async () => {
    const refused = (name: string, text: string | Buffer, error: object) =>
      assert.rejects(verify(altered(name, () => Buffer.from(text))), error)
    await refused('picture', 'GIF89a', { code: 'FILE_MALFORMED' })
    await refused('nothing', '', { code: 'FILE_MALFORMED' })
    await refused('no-header', 'quartermaster-backup 1\n{"createdAt":1}\n', { code: 'FILE_MALFORMED' })
    await refused('format', 'quartermaster-backup 2\n{}\n', {
      code: 'UNSUPPORTED_VERSION',
      message: /format 2, and this release reads format 1/,
    })
    const newer = writeHeader({ ...file.header, schema: 9000, release: '99.0.0' })
    await refused('schema', newer, { code: 'UNSUPPORTED_VERSION', message: /schema 9000 \(release 99\.0\.0\).*schemas up to \d+/ })
    await assert.rejects(verify(join(machine.folder, 'nowhere.qmb')), { code: 'NOT_FOUND' })
  })

  it('is refused when its server key is not the one of its database', async () => {
    const key = readFileSync(context.config.serverKeyFile)
    writeFileSync(context.config.serverKeyFile, Buffer.alloc(32, 7))
    const { path } = await takeBackup(context, administrator, { passphrase })
    writeFileSync(context.config.serverKeyFile, key)
    await assert.rejects(verify(path), { code: 'INVALID', message: /server key does not open what is sealed/ })
    const [record] = await listBackupRecords(context.storage.db, 1)
    assert.match(record?.message ?? '', /server key/)
    await deleteBackup(context, administrator, path.split('/').at(-1)!)
  })

  it('is of one moment while others write', async () => {
    const { db } = context.storage
    let writing = true
    const writer = (async () => {
      // A pair at a time: no snapshot may see one without the other.
      for (let n = 0; writing; n++)
        await context.storage.transaction(async tx => {
          await tx('settings').insert([`a${n}`, `b${n}`].map(name => ({ name, value: '1', changed_at: new Date(), changed_by: 'test' })))
        })
    })()
    await until(async () => Number((await db('settings').count().first())!.count) > 20)
    const { path, name } = await takeBackup(context, administrator, { passphrase })
    writing = false
    await writer
    const { counts } = await verify(path)
    assert.equal(counts.settings! % 2, 0)
    await deleteBackup(context, administrator, name)
  })

  it('leaves nothing half-written when it breaks off, and says why it failed', async () => {
    const ends = new AbortController()
    const broken = takeBackup(context, administrator, { passphrase, ends: ends.signal, tell: () => ends.abort() })
    await assert.rejects(broken)
    assert.deepEqual(readdirSync(context.config.backupsFolder), [file.name])
    const [record] = await listBackupRecords(context.storage.db, 1)
    assert.deepEqual([record?.state, record?.name], ['failed', null])
    assert.match(record?.message ?? '', /could not be taken/)
  })

  it('takes away what a killed one has left', async () => {
    writeFileSync(join(context.config.backupsFolder, `${file.name}.part`), 'half')
    const { name } = await takeBackup(context, administrator, { passphrase })
    assert.deepEqual(readdirSync(context.config.backupsFolder).sort(), [file.name, name].sort())
    await deleteBackup(context, administrator, `backups:${name}`)
  })

  it('is taken one at a time', async () => {
    const both = await Promise.allSettled([1, 2].map(() => takeBackup(context, administrator, { passphrase })))
    const refused = both.filter(each => each.status === 'rejected').map(each => each.reason.code)
    assert.ok(refused.every(code => code === 'CONFLICT'))
    assert.ok(both.some(each => each.status === 'fulfilled'))
  })

  it('wants a passphrase that is not found by trying', () =>
    assert.rejects(takeBackup(context, administrator, { passphrase: 'short' }), { code: 'INVALID', field: 'passphrase' }))

  it('is deleted only where backups are', async () => {
    await assert.rejects(
      deleteBackup(
        context,
        administrator,
        altered('elsewhere', () => undefined),
      ),
      { code: 'INVALID' },
    )
    await assert.rejects(deleteBackup(context, administrator, 'backups:../server/server.key'), { code: 'INVALID' })
    assert.ok(statSync(context.config.serverKeyFile).isFile())
  })

  it('keeps the password of the database out of the command lines that everybody may read', async () => {
    const withPassword = machine.connection.replace('quartermaster@', 'quartermaster:s3cret-word@')
    const seen: string[] = []
    const storage = { ...context.storage, connection: withPassword }
    const tell = () => {
      for (const name of globSync('/proc/[0-9]*/cmdline')) {
        try {
          seen.push(readFileSync(name, 'utf8'))
        } catch {
          // It has ended.
        }
      }
    }
    await takeBackup({ ...context, storage }, administrator, { passphrase, tell })
    assert.ok(seen.some(line => line.includes('pg_dump')))
    assert.ok(seen.every(line => !line.includes('s3cret-word') && !line.includes(passphrase)))
  })

  it('says in one sentence what is missing where there is no pg_dump of the version of the database', () => {
    assert.throws(() => findProgram('pg_dump', 99), {
      code: 'UNSUPPORTED_VERSION',
      message: /PostgreSQL 99.*Install the package postgresql-client-99/,
    })
  })
})
