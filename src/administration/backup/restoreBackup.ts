import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../../config.ts'
import { putFile } from '../../files.ts'
import { makeFolder } from '../../folders.ts'
import type { Clock } from '../../rules/clock.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { Counts } from '../../storage/backup/counts.ts'
import { atWork, type Databases, derivedName, withDatabases } from '../../storage/backup/databases.ts'
import { analyze, renewRestored } from '../../storage/backup/renew.ts'
import { findStanding, type Standing } from '../../storage/backup/standing.ts'
import { openStorage } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { type CarriedName, placeOf } from './carried.ts'
import type { BackupFile } from './header.ts'
import { loadBackup, type OpenedBackup, openBackup } from './openBackup.ts'
import type { Tell } from './progress.ts'
import {
  abandon,
  finishRestorationIn,
  forgetFormer,
  goBack,
  keep,
  type Restoration,
  readRestoration,
  writeRestoration,
} from './restoration.ts'
import { type DifferentSetting, laidDownIn, layDownSettings } from './restoredSettings.ts'
import { refuseWithoutRoom } from './room.ts'

/** What a restore works on while the server is down. */
export type Ground = { config: Config; connection: string; clock: Clock }

export type RestoreWish = {
  path: string
  passphrase: string
  /** Whether a server that holds something may be replaced. */
  replace?: boolean
  tell?: Tell
}

/** What was restored. `kept`: what was there before is kept until somebody accepts the restored server, or undoes it. */
export type Restored = { file: BackupFile; counts: Counts; kept: boolean; settingsFile: string; differs: DifferentSetting[] }

/**
 * Puts a backup in the place of the server: into a database beside the live one, where all of it is authenticated, migrated and checked; then
 * database and server key change places, and what was there is kept. A server of the same data serves products without any of them registering
 * again, and its next synchronization is full. Refuses a newer backup, a wrong passphrase, a damaged file, a server that is running, and one
 * that holds something unless `replace` says so. A kill at any moment leaves the old server or the new one.
 */
export function restoreBackup({ config, connection, clock }: Ground, wish: RestoreWish): Promise<Restored> {
  const tell = wish.tell ?? (() => {})
  return withDatabases(connection, async databases => {
    await finishRestorationIn(config, databases)
    const backup = await openBackup(wish.path, wish.passphrase)
    const standing = await findStanding(connection)
    refuseUnless(backup.header.postgres <= standing.postgres, 'UNSUPPORTED_VERSION', olderDatabase(backup, standing), 'file')
    refuseUnless(wish.replace || !standing.serverUuid, 'CONFLICT', heldBy(standing), 'replace')
    await refuseWhileRunning(databases)
    const former = readRestoration(config)
    if (former) await forgetFormer(config, databases, former)
    const plan = planOf(config, databases, backup, clock.now())
    tell({ step: 'preparing' })
    makeFolder(config.dataFolder)
    await refuseWithoutRoom(config.dataFolder, backup.bytes * unpacked, 'a restore beside what is there')
    writeRestoration(config, plan)
    const { counts, differs } = await comeIn(config, databases, plan, { backup, tell, now: clock.now() })
    tell({ step: 'swapped' })
    await settleFiles(config, databases, plan)
    tell({ step: 'done' })
    if (!standing.serverUuid) await forgetFormer(config, databases, plan)
    return { file: backup, counts, kept: standing.serverUuid !== undefined, settingsFile: laidDownIn(config), differs }
  })
}

/** A database takes about so many times as much as its backup, with its indexes. It is on the same disk, unless it is on another machine. */
const unpacked = 6

const olderDatabase = ({ header }: OpenedBackup, { postgres }: Standing) =>
  `The backup is of PostgreSQL ${header.postgres}, and the database here is PostgreSQL ${postgres}, which is older. Use ${header.postgres} or newer.`

const heldBy = ({ accounts, productInstances }: Standing) =>
  `This server holds ${accounts} Local Accounts and ${productInstances} product instances. Say that they are to be replaced; they are kept until you accept the restored server.`

async function refuseWhileRunning(databases: Databases): Promise<void> {
  refuseUnless((await databases.connected(databases.live)) === 0, 'CONFLICT', atWork)
}

function planOf(config: Config, { live }: Databases, { name }: OpenedBackup, now: Date): Restoration {
  const id = randomBytes(6).toString('hex')
  const places = Object.values(placeOf(config)).filter(place => place !== undefined)
  return {
    phase: 'restoring',
    backup: name,
    startedAt: now.toISOString(),
    incoming: derivedName(live, 'incoming', id),
    outgoing: derivedName(live, 'outgoing', id),
    files: places.map(place => ({ place, incoming: `${place}.incoming-${id}`, outgoing: `${place}.outgoing-${id}` })),
  }
}

/** Everything up to the moment that decides. What fails leaves all as it was. */
async function comeIn(
  config: Config,
  databases: Databases,
  plan: Restoration,
  { backup, tell, now }: { backup: OpenedBackup; tell: Tell; now: Date },
): Promise<Pick<Restored, 'counts' | 'differs'>> {
  try {
    await databases.create(plan.incoming)
    const connection = databases.at(plan.incoming)
    const { counts, carried } = await loadBackup(connection, backup, tell)
    tell({ step: 'renewing' })
    await renew(connection, backup, now)
    layDown(config, plan, carried)
    const differs = layDownSettings(config, carried)
    tell({ step: 'swapping' })
    await databases.swap(plan.incoming, plan.outgoing)
    return { counts, differs }
  } catch (error) {
    await abandon(config, databases, plan)
    throw error
  }
}

async function renew(connection: string, { name, header }: OpenedBackup, now: Date): Promise<void> {
  const storage = openStorage(connection, { name: 'quartermaster backup', connections: 1, pageConnections: 1 })
  try {
    await storage.transaction(async tx => {
      await renewRestored(tx, now)
      const message = `The server was restored from the backup ${name} of ${header.createdAt.toISOString()}.`
      await recordEvent(tx, { localAccountId: 0, at: now, kind: 'backup', message, who: 'the console' })
    })
    await analyze(storage.db)
  } finally {
    await storage.close()
  }
}

/** Puts the files beside their places. One that is there already in the same words is left alone. */
function layDown(config: Config, plan: Restoration, carried: Map<CarriedName, Buffer>): void {
  const places = placeOf(config)
  for (const [name, bytes] of carried) {
    const place = places[name]
    const planned = plan.files.find(file => file.place === place)
    if (!place || !planned || (existsSync(place) && readFileSync(place).equals(bytes))) continue
    makeFolder(dirname(place))
    putFile(planned.incoming, bytes)
  }
}

/** After the moment that decides: the files follow. Where they cannot, the database goes back. */
async function settleFiles(config: Config, databases: Databases, plan: Restoration): Promise<void> {
  try {
    keep(config, plan)
  } catch (error) {
    await goBack(config, databases, plan)
    throw new Refusal('CONFLICT', `The server key could not be put in place, and all is as it was: ${(error as Error).message}`)
  }
}

/** Takes the restored server for good: what was there before is dropped. */
export const acceptRestored = ({ config, connection }: Ground): Promise<void> =>
  withDatabases(connection, async databases => {
    await finishRestorationIn(config, databases)
    const plan = readRestoration(config)
    refuseUnless(plan, 'NOT_FOUND', 'There is no restored server that waits to be accepted.')
    await forgetFormer(config, databases, plan)
  })

/** Brings back what was there before the restore, and drops what was restored. */
export const undoRestore = ({ config, connection }: Ground): Promise<void> =>
  withDatabases(connection, async databases => {
    await finishRestorationIn(config, databases)
    const plan = readRestoration(config)
    refuseUnless(plan, 'NOT_FOUND', 'Nothing is kept of what was there before.')
    await refuseWhileRunning(databases)
    await goBack(config, databases, plan)
  })
