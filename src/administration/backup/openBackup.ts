import { unlockKey } from '../../pki/passphraseLock.ts'
import { openStream } from '../../pki/sealedStream.ts'
import { makeSecretBox, type SecretBox } from '../../pki/secretBox.ts'
import { openServerKeyBytes } from '../../pki/serverKey.ts'
import { serverVersion } from '../../release.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import { asking, type Counts, countRows } from '../../storage/backup/counts.ts'
import { openLoad, type Sink } from '../../storage/backup/load.ts'
import { openStorage } from '../../storage/db.ts'
import { migrate, newestKnown } from '../../storage/migrate.ts'
import { type CarriedName, carriedNames } from './carried.ts'
import { checkKeys, type KeysChecked } from './checkKeys.ts'
import { type Manifest, readContents } from './contents.ts'
import { type BackupFile, readBackupFile } from './header.ts'
import { type Tell, telling } from './progress.ts'

/** A backup that its passphrase has opened. */
export type OpenedBackup = BackupFile & { key: Buffer }

/** Opens a file. Refuses what is no backup, what a newer release wrote, and a wrong passphrase. */
export async function openBackup(path: string, passphrase: string): Promise<OpenedBackup> {
  const file = await readBackupFile(path)
  const { schema, release } = file.header
  refuseUnless(
    schema <= newestKnown(),
    'UNSUPPORTED_VERSION',
    `The backup has schema ${schema} (release ${release}), and this release (${serverVersion}) knows schemas up to ${newestKnown()}. ` +
      'Restore it with the release that made it, or a newer one.',
    'file',
  )
  return { ...file, key: await unlockKey(file.header.lock, passphrase) }
}

/** What a backup came to when it was loaded into a database of its own and held against what it says of itself. */
export type Loaded = { counts: Counts; keys: KeysChecked; carried: Map<CarriedName, Buffer> }

/**
 * Loads a backup into the empty database of `connection`, brings that to this release's schema, and checks all of it: every byte is authenticated,
 * every constraint holds, every table has as many rows as it had, and the server key that came along opens the keys that products and the cloud
 * trust. Refuses with what is wrong.
 */
export async function loadBackup(connection: string, backup: OpenedBackup, tell: Tell): Promise<Loaded> {
  const carried = new Map<CarriedName, Buffer>()
  const manifest = await readContents(openStream(telling(backup.body(), 'reading', tell), backup.key, backup.headerBytes), name =>
    name === 'database' ? openLoad(connection, backup.header.postgres) : holding(carried, name),
  )
  tell({ step: 'checking' })
  const storage = openStorage(connection, { name: 'quartermaster backup', connections: 2, pageConnections: 1 })
  try {
    const counts = await countRows(asking(storage.db))
    compare(manifest.counts, counts)
    await migrate(storage.db)
    return { counts, keys: await checkKeys(storage.db, boxOf(carried)), carried }
  } finally {
    await storage.close()
  }
}

/** More than a key or some certificates have. */
const largestFile = 1024 * 1024

/** Small files are held in memory until everything is known to be good. */
function holding(carried: Map<CarriedName, Buffer>, name: string): Sink {
  const known = carriedNames.find(each => each === name)
  refuseUnless(known, 'FILE_MALFORMED', `The backup carries "${name}", which this release does not know.`, 'file')
  const pieces: Buffer[] = []
  return {
    async write(bytes) {
      pieces.push(bytes)
      refuseUnless(
        pieces.reduce((sum, { length }) => sum + length, 0) <= largestFile,
        'FILE_TOO_LARGE',
        `The backup's ${name} is too large.`,
        'file',
      )
    },
    end: async () => void carried.set(known, Buffer.concat(pieces)),
    cancel() {},
  }
}

function compare(written: Manifest['counts'], found: Counts): void {
  for (const table of new Set([...Object.keys(written), ...Object.keys(found)])) {
    if (written[table] === found[table]) continue
    const words = `The table ${table} had ${written[table] ?? 'no'} rows when the backup was taken, and has ${found[table] ?? 'none'} restored.`
    throw new Refusal('FILE_MALFORMED', words, 'file')
  }
}

function boxOf(carried: Map<CarriedName, Buffer>): SecretBox {
  const key = carried.get('server.key')
  refuseUnless(key, 'FILE_MALFORMED', 'The backup carries no server key: what is sealed in its database cannot be opened.', 'file')
  return makeSecretBox(openServerKeyBytes(key))
}
