import { randomBytes } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { syncFolder } from '../../files.ts'
import { lockKey, shortestPassphrase } from '../../pki/passphraseLock.ts'
import { sealStream } from '../../pki/sealedStream.ts'
import { serverVersion } from '../../release.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { withDatabases } from '../../storage/backup/databases.ts'
import { type Dump, openDump } from '../../storage/backup/dump.ts'
import { type BackupOrigin, beginBackup, findLatestBackup, finishBackup } from '../../storage/backups.ts'
import { recordEvent } from '../../storage/events.ts'
import { getServerIdentity } from '../../storage/serverIdentity.ts'
import { draftEnding, nameOfBackup, openBackupsFolder, removeDrafts } from './backupsFolder.ts'
import { listCarried } from './carried.ts'
import { writeContents } from './contents.ts'
import { type BackupFile, type Header, readBackupFile, writeHeader } from './header.ts'
import { type Tell, telling } from './progress.ts'
import { refuseWithoutRoom } from './room.ts'

/** What somebody asks for who takes a backup. */
export type BackupWish = { passphrase: string; origin?: BackupOrigin; tell?: Tell; ends?: AbortSignal }

/** Refuses a passphrase that is found by trying. */
export const checkPassphrase = (passphrase: string): void =>
  refuseUnless(
    passphrase.length >= shortestPassphrase,
    'INVALID',
    `Give a passphrase of at least ${shortestPassphrase} characters. Without it nobody can restore the backup.`,
    'passphrase',
  )

/**
 * Takes a backup: the database as it is at one moment, the server key that opens what is sealed in it, and what else the trust of products rests
 * on, encrypted into one file. The server goes on meanwhile. The file gets its name when it is whole and on the disk.
 */
export async function takeBackup(context: Context, who: Person, wish: BackupWish): Promise<BackupFile> {
  checkPassphrase(wish.passphrase)
  const { connection, db } = context.storage
  return withDatabases(connection, async () => {
    const origin = wish.origin ?? 'person'
    const id = await beginBackup(db, { origin, startedBy: who.name, startedAt: context.clock.now() })
    try {
      const file = await write(context, { tell: () => {}, ...wish, origin })
      await finish(context, who, id, file)
      return file
    } catch (error) {
      const message = error instanceof Refusal ? error.message : `It could not be taken: ${(error as Error).message}`
      await finishBackup(db, id, { state: 'failed', finishedAt: context.clock.now(), name: null, bytes: null, message })
      throw error
    }
  })
}

async function write(context: Context, wish: Required<Omit<BackupWish, 'ends'>> & Pick<BackupWish, 'ends'>): Promise<BackupFile> {
  const folder = openBackupsFolder(context.config)
  removeDrafts(folder)
  await refuseWithoutRoom(folder, await estimateOf(context), 'a backup')
  const dump = await openDump(context.storage.connection)
  try {
    const key = randomBytes(32)
    const header = await headerOf(context, dump, key, wish)
    const path = join(folder, nameOfBackup(header.release, header.createdAt))
    await writeWhole(path, fileOf(context, dump, header, key, wish.tell), wish.ends)
    return readBackupFile(path)
  } finally {
    await dump.close()
  }
}

/** As large as the one before and a little more; the first one as half of the database, which is on the safe side. */
async function estimateOf({ storage }: Context): Promise<number> {
  const former = await findLatestBackup(storage.db)
  if (former?.bytes) return former.bytes * 1.2
  const { rows } = await storage.db.raw('select pg_database_size(current_database())::float8 as bytes')
  return rows[0].bytes / 2
}

const headerOf = async (
  context: Context,
  dump: Dump,
  key: Buffer,
  wish: Pick<Required<BackupWish>, 'passphrase' | 'origin'>,
): Promise<Header> => ({
  createdAt: context.clock.now(),
  release: serverVersion,
  schema: dump.schema,
  postgres: dump.postgres,
  serverUuid: (await getServerIdentity(context.storage.db)).serverUuid,
  host: hostname(),
  origin: wish.origin,
  lock: await lockKey(key, wish.passphrase, { fips: context.config.fips }),
})

async function* fileOf({ config }: Context, dump: Dump, header: Header, key: Buffer, tell: Tell): AsyncGenerator<Buffer> {
  const headerBytes = writeHeader(header)
  yield headerBytes
  const carried = listCarried(config).map(({ name, bytes }) => ({ name, content: once(bytes) }))
  // Counted while pg_dump writes: both see the same moment.
  const counts = dump.counts()
  counts.catch(() => {})
  const database = { name: 'database', content: telling(dump.content(), 'database', tell) }
  yield* sealStream(
    writeContents([...carried, database], () => counts),
    key,
    headerBytes,
  )
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** Whole on the disk before it gets its name. */
async function writeWhole(path: string, content: AsyncIterable<Buffer>, ends: AbortSignal | undefined): Promise<void> {
  const draft = path + draftEnding
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content, { ...(ends && { signal: ends }) })
    await handle.sync()
    await handle.close()
    renameSync(draft, path)
    syncFolder(join(path, '..'))
  } catch (error) {
    await handle.close().catch(() => {})
    rmSync(draft, { force: true })
    throw error
  }
}

async function finish({ storage, clock }: Context, who: Person, id: number, { name, bytes }: BackupFile): Promise<void> {
  await storage.transaction(async tx => {
    const at = clock.now()
    await finishBackup(tx, id, { state: 'done', finishedAt: at, name, bytes, message: null })
    await recordEvent(tx, { localAccountId: 0, at, kind: 'backup', message: `The backup ${name} was taken.`, who: who.name })
  })
}
