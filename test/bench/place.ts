import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { newToken, type RegisteredAccount } from '../support/account.ts'
import { licensingRootIn } from './generate/dataSet.ts'
import { settingsFor } from './generate/ensureDataSet.ts'
import type { Size } from './generate/sizes.ts'
import { type Ground, openGround } from './ground.ts'
import { familySeconds } from './processorTime.ts'
import { type Beside, startBeside } from './programs.ts'

export type Ports = { https: number; deviceHttp: number; deviceHttps: number }

/** Where things are measured: a data set, with a server of its own beside this process, and the yard, an account that products may register in. */
export type Place = Ground & {
  account: RegisteredAccount
  token: string
  /** Three that products of the yard use. */
  tags: string[]
  /** For files of this run. */
  scratch: string
  server: Beside<Ports>
  floor: Beside<{ https: number; http: number; root: string }>
  licensingRoot: string
  deviceRoot: string
  floorRoot: string
}

/** Any free ports. */
export const freePorts = { QUARTERMASTER_HTTPS_PORT: '0', QUARTERMASTER_DEVICE_HTTP_PORT: '0', QUARTERMASTER_DEVICE_HTTPS_PORT: '0' }

/** Opens the place on the data set of a size; `close` leaves the data set for the next run. */
export async function openPlace(size: Size): Promise<Place> {
  const ground = await openGround(size)
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-bench-run-'))
  const [server, floor] = [
    await startBeside<Ports>('src/server.ts', [], { ...settingsFor(ground.folder), ...freePorts }),
    await startBeside<Place['floor']['ready']>('test/bench/floorServer.ts', []),
  ]
  const floorRoot = join(scratch, 'floor-root.pem')
  writeFileSync(floorRoot, floor.ready.root)
  const account = await findYard(ground)
  return {
    ...ground,
    account,
    token: (await newToken(ground.context, account, { days: 365 })).secret,
    tags: await ground.context.storage.db('entitlement_tags').orderBy('id').limit(3).pluck('tag'),
    scratch,
    server,
    floor,
    licensingRoot: licensingRootIn(ground.folder),
    deviceRoot: join(ground.folder, 'tls/device-root.pem'),
    floorRoot,
    async close() {
      await floor.stop()
      await server.stop()
      await ground.close()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

async function findYard({ context, dataSet: { yard } }: Ground): Promise<RegisteredAccount> {
  const { db } = context.storage
  return { account: await getLocalAccount(db, yard), place: (await findDefaultLocalVirtualAccount(db, yard))! }
}

/** What `work` took of the time of a process and its children. */
export async function timeOf<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = familySeconds(pid)
  const result = await work()
  return { result, seconds: familySeconds(pid) - before }
}
