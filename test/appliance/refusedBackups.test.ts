import assert from 'node:assert/strict'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyBackup } from '../../appliance/actions/backups.ts'
import { restoreDatabase } from '../../appliance/actions/restores.ts'
import { run } from '../../appliance/actions/run.ts'
import { takeBackup } from '../../src/administration/backup/takeBackup.ts'
import { readConfig } from '../../src/config.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { administrator, registeredAccount } from '../support/account.ts'
import { machineWithServer, passphrase, type Machine as ServerMachine } from '../support/backups.ts'
import { perform, type RecordedMachine, recordedMachine } from '../support/machine.ts'

/** The deeds of the console with the real programs of backups beneath, on a server that holds something; only its service is a pretended one. */
describe('a backup that is none, at the console', function () {
  this.timeout(240_000)
  let server: ServerMachine
  let console: RecordedMachine
  let good: Buffer
  let stranger: Buffer

  const backupOf = async (of: ServerMachine, secret: string) => {
    const { context, close } = await of.open()
    const { path } = await takeBackup(context, administrator, { passphrase: secret })
    await close()
    return readFileSync(path)
  }
  const newServer = async (name: string) => {
    const { machine, shelves } = await machineWithServer()
    await registeredAccount(shelves.context, { name })
    await shelves.close()
    return machine
  }

  before(async () => {
    server = await newServer('Ours')
    good = await backupOf(server, passphrase)
    const other = await newServer('Theirs')
    stranger = await backupOf(other, 'another horse battery')
    await other.remove()
    console = recordedMachine()
    const pretended = console.run
    const { signal } = console
    // As the service's user on an appliance; here as whoever runs the test.
    console.run = async (program, args, options = {}) =>
      program === process.execPath ? run(program, args, { ...options, as: 'root', signal }) : pretended(program, args, options)
    mkdirSync(readConfig(server.settings).backupsFolder, { recursive: true })
    console.folders = { ...console.folders, backups: readConfig(server.settings).backupsFolder, data: server.folder }
    const settings = Object.entries(server.settings)
    writeFileSync(join(console.folders.settings, 'settings.env'), settings.map(([name, value]) => `${name}=${value}\n`).join(''))
  })
  after(async () => {
    await server?.remove()
    console?.remove()
  })

  /** All that a restore could have changed: who the server is and what it holds, its key, and what stands beside. */
  const whatIsThere = async () => {
    const { context, close } = await server.open()
    const { db } = context.storage
    const [identity] = await db('server_identity')
    const [accounts, events] = [await db('local_accounts').pluck('name'), await db('events').count().first()]
    await close()
    const key = readFileSync(join(server.folder, 'server/server.key'), 'hex')
    return {
      uuid: identity.server_uuid,
      accounts,
      events,
      key,
      leftovers: globSync(join(server.folder, '**/*{restoration,incoming,outgoing}*')),
    }
  }
  const changedAt = (position: number) => {
    const bytes = Buffer.from(good)
    bytes[position]! ^= 1
    return bytes
  }

  for (const [what, contents, secret, words] of [
    ['one with a changed byte', () => changedAt(Math.floor(good.length / 2)), passphrase, /changed, damaged or cut short/],
    ['one whose last byte is changed', () => changedAt(good.length - 1), passphrase, /changed, damaged or cut short/],
    ['one that is cut in half', () => good.subarray(0, good.length / 2), passphrase, /changed, damaged or cut short/],
    ['one that lacks its last byte', () => good.subarray(0, -1), passphrase, /changed, damaged or cut short/],
    ['one with something behind its end', () => Buffer.concat([good, Buffer.from('more')]), passphrase, /changed, damaged or cut short/],
    ['a good one with a wrong passphrase', () => good, 'correct horse batterY', /passphrase/],
    ["a stranger's, with our passphrase", () => stranger, passphrase, /passphrase/],
    ['a file that is no backup', () => Buffer.from('GIF89a'), passphrase, /not a backup|no backup/],
    ['an empty file', () => Buffer.alloc(0), passphrase, /not a backup|no backup/],
  ] as const)
    it(`is refused with nothing changed and the server never stopped: ${what}`, async () => {
      writeFileSync(join(console.folders.backups, 'brought.qmb'), contents())
      const before = await whatIsThere()
      for (const deed of [restoreDatabase, verifyBackup]) {
        console.started.length = 0
        await assert.rejects(perform(console, deed, { file: 'backups:brought.qmb', passphrase: secret }), error => {
          assert.ok(error instanceof Refusal, String(error))
          assert.match(error.message, words)
          return true
        })
        assert.deepEqual(console.started, [])
      }
      assert.deepEqual(await whatIsThere(), before)
    })

  it('differs from a good one, which stops the server, is restored, and starts it', async () => {
    writeFileSync(join(console.folders.backups, 'brought.qmb'), good)
    console.started.length = 0
    // Nobody listens where the server would; its health is another test's.
    const withHealth = console.run
    console.run = async (program, args, options) =>
      args.includes('health') ? { code: 0, out: '{}\n', err: '' } : withHealth(program, args, options)
    const done = (await perform(console, restoreDatabase, { file: 'backups:brought.qmb', passphrase })) as {
      restored: boolean
      kept: boolean
    }
    assert.deepEqual([done.restored, done.kept], [true, true])
    assert.deepEqual(
      console.started.map(({ args }) => args.join(' ')),
      ['stop quartermaster.service', 'start quartermaster.service'],
    )
  })
})
