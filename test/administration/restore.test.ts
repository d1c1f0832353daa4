import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupFile } from '../../src/administration/backup/header.ts'
import { acceptRestored, type Ground, restoreBackup, undoRestore } from '../../src/administration/backup/restoreBackup.ts'
import { takeBackup } from '../../src/administration/backup/takeBackup.ts'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { databaseOf } from '../../src/storage/backup/address.ts'
import { findStanding } from '../../src/storage/backup/standing.ts'
import { openStorage } from '../../src/storage/db.ts'
import { findResynchronization } from '../../src/storage/resynchronizations.ts'
import { administrator, registeredAccount } from '../support/account.ts'
import { type Machine, machineWithServer, newMachine, passphrase } from '../support/backups.ts'

const groundOf = ({ settings, connection }: Machine): Ground => ({ config: readConfig(settings), connection, clock: systemClock })
const keyOf = ({ folder }: Machine) => readFileSync(join(folder, 'server/server.key'))

describe('a restore', function () {
  this.timeout(240_000)
  let source: Machine
  let sourceUuid: string
  let backup: BackupFile
  const machines: Machine[] = []

  before(async () => {
    const made = await machineWithServer()
    ;[source, sourceUuid] = [made.machine, made.serverUuid]
    machines.push(source)
    const { context } = made.shelves
    await registeredAccount(context, { name: 'Of the backup' })
    backup = await takeBackup(context, administrator, { passphrase })
    await made.shelves.close()
  })
  after(async () => {
    for (const machine of machines) await machine.remove()
  })

  const machine = async (given?: NodeJS.ProcessEnv) => {
    const made = await newMachine(given)
    machines.push(made)
    return made
  }
  /** A machine whose server has another account. */
  const held = async () => {
    const made = await machineWithServer()
    machines.push(made.machine)
    await registeredAccount(made.shelves.context, { name: 'Of before' })
    await made.shelves.close()
    return made
  }
  const restore = (on: Machine, given: { replace?: boolean; path?: string } = {}) =>
    restoreBackup(groundOf(on), { path: backup.path, passphrase, ...given })
  /** What a server finds there that starts now: its uuid, after the shelves have held its key against its database. */
  const starts = async (on: Machine) => {
    const { context, close } = await on.open()
    try {
      const [{ server_uuid }] = await context.storage.db('server_identity')
      const accounts = await context.storage.db('local_accounts').pluck('name')
      return { uuid: server_uuid, accounts }
    } finally {
      await close()
    }
  }
  /** The databases of a machine: its own, and what a restore has left beside. */
  const databases = async ({ connection }: Machine) => {
    const storage = openStorage(connection)
    const names = await storage
      .db('pg_database')
      .whereLike('datname', `${databaseOf(connection).slice(0, 30)}%`)
      .pluck('datname')
    await storage.close()
    return names.length
  }
  const leftovers = ({ folder }: Machine) => globSync(join(folder, '{restoration.json,**/*.incoming-*,**/*.outgoing-*}'))

  it('onto a new machine brings the server as it was, with its key, and leaves nothing else', async () => {
    const target = await machine()
    const { counts, kept } = await restore(target)
    assert.deepEqual([counts.local_accounts, kept], [1, false])
    assert.deepEqual(keyOf(target), keyOf(source))
    assert.deepEqual(await starts(target), { uuid: sourceUuid, accounts: ['Of the backup'] })
    assert.deepEqual([await databases(target), leftovers(target)], [1, []])
    assert.ok(existsSync(join(target.folder, 'restored-settings.env')))
    assert.equal(readFileSync(join(target.folder, 'restored-settings.env'), 'utf8').includes('DATABASE_URL'), false)
  })

  it('lets nobody stay signed in, and asks the cloud for a full synchronization', async () => {
    const target = await machine()
    await restore(target)
    const { context, close } = await target.open()
    const { db } = context.storage
    const [id] = await db('local_accounts').pluck('id')
    assert.deepEqual(await findResynchronization(db, id), { reason: 'RESTORED', lastSequence: null, token: null })
    assert.deepEqual(await db('sessions'), [])
    assert.deepEqual(await db('backups').where({ state: 'running' }), [])
    await close()
  })

  it('over a server that holds something wants to be confirmed, keeps that, and can be undone or accepted', async () => {
    const { machine: target, serverUuid } = await held()
    const key = keyOf(target)
    await assert.rejects(restore(target), { code: 'CONFLICT', field: 'replace', message: /holds 1 Local Accounts and 0 product instances/ })
    assert.deepEqual([await starts(target), leftovers(target)], [{ uuid: serverUuid, accounts: ['Of before'] }, []])
    assert.equal((await restore(target, { replace: true })).kept, true)
    assert.equal((await starts(target)).uuid, sourceUuid)
    await undoRestore(groundOf(target))
    assert.deepEqual(await starts(target), { uuid: serverUuid, accounts: ['Of before'] })
    assert.deepEqual([keyOf(target), await databases(target), leftovers(target)], [key, 1, []])
    await assert.rejects(undoRestore(groundOf(target)), { code: 'NOT_FOUND' })
    await restore(target, { replace: true })
    await acceptRestored(groundOf(target))
    assert.equal((await starts(target)).uuid, sourceUuid)
    assert.deepEqual([keyOf(target), await databases(target), leftovers(target)], [keyOf(source), 1, []])
  })

  it('is refused while a server runs, and takes nothing from it', async () => {
    const { machine: target, serverUuid } = await held()
    const { close } = await target.open().then(async shelves => {
      await shelves.context.storage.check()
      return shelves
    })
    await assert.rejects(restore(target, { replace: true }), { code: 'CONFLICT', message: /Stop the server first/ })
    await close()
    assert.equal((await starts(target)).uuid, serverUuid)
  })

  it('of a damaged file leaves all as it was', async () => {
    const { machine: target, serverUuid } = await held()
    const path = join(target.folder, 'cut.qmb')
    writeFileSync(path, readFileSync(backup.path).subarray(0, -40_000))
    await assert.rejects(restore(target, { replace: true, path }), { code: 'BAD_SIGNATURE' })
    assert.deepEqual(
      [await starts(target), await databases(target), leftovers(target)],
      [{ uuid: serverUuid, accounts: ['Of before'] }, 1, []],
    )
  })

  it('goes back when the server key cannot be put in place after the database', async () => {
    const { machine: target, serverUuid } = await held()
    const [place, aside] = ['server.key', 'aside'].map(name => join(target.folder, 'server', name)) as [string, string]
    const tell = ({ step }: { step: string }) => {
      if (step !== 'swapped') return
      // A folder stands where the key belongs.
      renameSync(place, aside)
      mkdirSync(place)
    }
    const before = keyOf(target)
    const failed = restoreBackup(groundOf(target), { path: backup.path, passphrase, replace: true, tell })
    await assert.rejects(failed, { code: 'CONFLICT', message: /all is as it was/ })
    rmdirSync(place)
    renameSync(aside, place)
    assert.deepEqual([(await starts(target)).uuid, keyOf(target)], [serverUuid, before])
    assert.deepEqual([await databases(target), leftovers(target)], [1, []])
  })

  it('migrates a backup of an older release', async () => {
    const old = await machineWithServer()
    machines.push(old.machine)
    const { context } = old.shelves
    await context.storage.db.raw("drop table mails; delete from migrations where name = '0014_mails.sql'")
    const file = await takeBackup(context, administrator, { passphrase })
    await old.shelves.close()
    const target = await machine()
    await restore(target, { path: file.path })
    const { context: restored, close } = await target.open()
    assert.equal(await restored.storage.db.schema.hasTable('mails'), true)
    await close()
    assert.equal((await starts(target)).uuid, old.serverUuid)
  })

  describe('that is killed', () => {
    const kill = async (on: Machine, ...words: string[]) => {
      const child = spawn(process.execPath, ['test/support/restoreAndDie.ts', ...words], {
        env: { ...process.env, ...on.settings },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const [code, signal] = await once(child, 'exit')
      assert.ok(signal === 'SIGKILL' || code === 0, `It ended with ${code}.`)
      return signal === 'SIGKILL'
    }

    for (const [step, expected] of [
      ['preparing', 'old'],
      ['reading', 'old'],
      ['checking', 'old'],
      ['renewing', 'old'],
      ['swapping', 'old'],
      ['swapped', 'new'],
      ['done', 'new'],
    ] as const) {
      it(`while ${step} leaves the ${expected} server, whole, at the next start`, async () => {
        const { machine: target, serverUuid } = await held()
        assert.equal(await kill(target, backup.path, step), true)
        const found = await starts(target)
        assert.deepEqual(
          found,
          expected === 'old' ? { uuid: serverUuid, accounts: ['Of before'] } : { uuid: sourceUuid, accounts: ['Of the backup'] },
        )
        if (expected === 'old') assert.deepEqual([await databases(target), leftovers(target)], [1, []])
        else {
          await undoRestore(groundOf(target))
          assert.deepEqual([(await starts(target)).uuid, leftovers(target)], [serverUuid, []])
        }
      })
    }

    it('at any moment between leaves one or the other, and so does an undoing', async function () {
      // Eight starts of a server, one after the other.
      this.timeout(300_000)
      const { machine: target, serverUuid } = await held()
      const either = [serverUuid, sourceUuid]
      for (const after of [5, 40]) {
        await kill(target, backup.path, 'renewing', String(after))
        assert.ok(either.includes((await starts(target)).uuid))
        if (!existsSync(join(target.folder, 'restoration.json'))) await restore(target, { replace: true })
        await kill(target, 'undo', '', String(150 + after * 5))
        assert.ok(either.includes((await starts(target)).uuid))
      }
      assert.equal((await findStanding(target.connection)).accounts, 1)
    })
  })
})
