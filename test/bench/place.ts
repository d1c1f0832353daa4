import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openShelves } from '../../src/server/shelves.ts'
import { newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { testTrust } from '../support/authorityRows.ts'
import { processorSeconds } from './processorTime.ts'
import { type Beside, startBeside } from './programs.ts'

export type Ports = { https: number; deviceHttp: number; deviceHttps: number }

/** Where things are measured: a server of its own beside this process, on a real database with fsync, with one registered account. */
export type Place = {
  context: Context
  account: RegisteredAccount
  token: string
  tags: string[]
  folder: string
  connection: string
  postmaster: number
  server: Beside<Ports>
  floor: Beside<{ https: number; http: number; root: string }>
  licensingRoot: string
  deviceRoot: string
  floorRoot: string
  close(): Promise<void>
}

export const benchTags = ['ADVANTAGE', 'THROUGHPUT', 'SECURITY'].map(
  (name, index) => `regid.2026-01.com.example.${name},1.0_00000000-0000-4000-8000-00000000000${index}`,
)

/** Opens the place in a temporary folder; `close` removes it again. */
export async function openPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-bench-'))
  const licensingRoot = join(folder, 'licensing-root.pem')
  writeFileSync(licensingRoot, (await testTrust()).root.pem)
  const settings = { QUARTERMASTER_DATA: folder, QUARTERMASTER_LICENSING_ROOT: licensingRoot, QUARTERMASTER_LOG_LEVEL: 'warn' }
  const ports = { QUARTERMASTER_HTTPS_PORT: '0', QUARTERMASTER_DEVICE_HTTP_PORT: '0', QUARTERMASTER_DEVICE_HTTPS_PORT: '0' }
  mkdirSync(folder, { recursive: true })
  const shelves = await openShelves(readConfig({ ...settings, DATABASE_URL: process.env.DATABASE_URL }))
  const context = { ...shelves.context, clock: systemClock }
  const account = await registeredAccount(context)
  await context.storage.db('entitlement_tags').insert(benchTags.map(tag => ({ tag, display_name: tag.split('.').at(-2)! })))
  const { secret } = await newToken(context, account, { days: 365 })
  const [server, floor] = [
    await startBeside<Ports>('src/server.ts', [], { ...settings, ...ports }),
    await startBeside<Place['floor']['ready']>('test/bench/floorServer.ts', []),
  ]
  const floorRoot = join(folder, 'floor-root.pem')
  writeFileSync(floorRoot, floor.ready.root)
  const { rows } = await context.storage.db.raw("select current_setting('data_directory') as folder")
  return {
    context,
    account,
    token: secret,
    tags: benchTags,
    folder,
    connection: context.storage.db.client.config.connection.connectionString,
    postmaster: Number(readFileSync(join(rows[0].folder, 'postmaster.pid'), 'utf8').split('\n')[0]),
    server,
    floor,
    licensingRoot,
    deviceRoot: join(folder, 'tls/device-root.pem'),
    floorRoot,
    async close() {
      await floor.stop()
      await server.stop()
      await shelves.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What `work` took of a process's time. */
export async function timeOf<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = processorSeconds(pid)
  const result = await work()
  return { result, seconds: processorSeconds(pid) - before }
}
